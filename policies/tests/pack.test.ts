import { RunningPack, secret, unknownObject, unknownText, type Diagnostic } from "./engine.ts";
import { containing, resource, restrictedContainer, restrictedSpec, type Json } from "./support.ts";

let pack: RunningPack;
beforeAll(async () => {
  pack = await RunningPack.start();
});
afterAll(() => pack.stop());
beforeEach(() => pack.configure());

const badContainer = {
  ...restrictedContainer,
  securityContext: { ...restrictedContainer.securityContext, privileged: true },
};

function deployment(spec: unknown, over: Json = {}) {
  const metadata = { name: "shop", namespace: "front", ...over };
  return resource("kubernetes:apps/v1:Deployment", { metadata, spec: { template: { spec } } });
}

async function podSecurity(of: ReturnType<typeof resource>): Promise<readonly Diagnostic[]> {
  return (await pack.analyze(of)).filter(({ policy }) => policy === "pod-security");
}

test("a violation names the object, the check, the fields and the fix, and is advisory without configuration", async () => {
  const found = await podSecurity(deployment({ ...restrictedSpec, containers: [badContainer] }));
  expect(found).toEqual([
    {
      policy: "pod-security",
      level: "advisory",
      urn: containing("Deployment::it"),
      message:
        "Pods meet the Pod Security Standards as Kubernetes' own admission evaluates them.\n" +
        'Deployment front/shop would violate PodSecurity "restricted:latest": privileged ' +
        '(container "app" must not set securityContext.privileged=true)\n' +
        "  spec.template.spec.containers[0].securityContext.privileged: true\n" +
        "  Why: A privileged container is root on the node.\n" +
        "  Fix: remove securityContext.privileged.",
    },
  ]);
});

test("a pod that meets the standard, and a stack without Kubernetes, are passed over in silence", async () => {
  expect(await podSecurity(deployment(restrictedSpec))).toEqual([]);
  const bucket = resource("aws:s3/bucket:Bucket", { spec: { containers: "no" } });
  const stack = resource("pulumi:pulumi:Stack", {});
  expect(await pack.judge([stack, bucket])).toEqual([]);
});

test("one unknown value silences no more than itself", async () => {
  const hidden = {
    ...badContainer,
    image: unknownText,
    securityContext: {
      privileged: true,
      runAsNonRoot: unknownText,
      capabilities: unknownObject,
      allowPrivilegeEscalation: false,
    },
  };
  const found = await podSecurity(deployment({ ...restrictedSpec, containers: [hidden] }));
  expect(found.map(({ message, level }) => [level, message.split("\n")[1]])).toEqual([
    ["advisory", containing("privileged (container")],
    ["advisory", "Deployment front/shop was checked only in part. Unknown or encrypted values:"],
  ]);
  expect(found[1]?.message).toContain("spec.template.spec.containers[0].securityContext.capabilities");
});

test("what is not known is advisory in a mandatory pack, or as strict as the user says", async () => {
  const object = deployment({ ...restrictedSpec, containers: unknownObject });
  await pack.configure({ all: "mandatory" });
  expect((await podSecurity(object)).map(({ level }) => level)).toEqual(["advisory"]);
  await pack.configure({ all: "mandatory", "pod-security": { unknown: "mandatory" } });
  expect((await podSecurity(object)).map(({ level }) => level)).toEqual(["mandatory"]);
  await pack.configure({ all: "mandatory", "pod-security": { unknown: "disabled" } });
  expect(await podSecurity(object)).toEqual([]);
});

test("a spec that is secret is judged, and one that is redacted in an exported state cannot be", async () => {
  expect(
    await podSecurity(resource("kubernetes:core/v1:Pod", { spec: secret({ ...restrictedSpec, hostPID: true }) })),
  ).toHaveLength(1);
  const redacted = await podSecurity(resource("kubernetes:core/v1:Pod", { spec: "[secret]" }));
  expect(redacted.map(({ message }) => message)).toEqual([containing("Unknown or encrypted values:\n  spec")]);
});

test("an exemption needs to fit, and what it lets pass is reported with its reason", async () => {
  const object = deployment({ ...restrictedSpec, hostNetwork: true });
  await pack.configure({
    all: "mandatory",
    exemptions: { list: [{ namespace: "fro*", kind: "Deployment", control: "hostNamespaces", reason: "router" }] },
  });
  expect(await podSecurity(object)).toEqual([
    expect.objectContaining({
      level: "advisory",
      message: containing("Exempted (router): Deployment front/shop"),
    }),
  ]);
  await pack.configure({ all: "mandatory", "pod-security": { exemptions: [{ namespace: "back", reason: "no" }] } });
  expect((await podSecurity(object)).map(({ level }) => level)).toEqual(["mandatory"]);
});

test("an exemption by container or image lifts a check from these containers only", async () => {
  const second = { ...badContainer, name: "sidecar", image: "registry.example/mesh:2" };
  const object = deployment({ ...restrictedSpec, containers: [badContainer, second] });
  for (const narrow of [{ container: "sidecar" }, { images: ["registry.example/mesh:*"] }]) {
    await pack.configure({ all: "mandatory", "pod-security": { exemptions: [{ ...narrow, reason: "mesh" }] } });
    const found = await podSecurity(object);
    expect(found.map(({ level }) => level)).toEqual(["mandatory", "advisory"]);
    expect(found[0]?.message).toContain('privileged (container "app" must not');
    expect(found[1]?.message).toContain("Exempted (mesh)");
  }
});

test("what is switched off is not reported as exempted either", async () => {
  const exemptions = [{ container: "app", reason: "no matter" }];
  await pack.configure({ "pod-security": { controls: { privileged: "disabled" }, exemptions } });
  expect(await podSecurity(deployment({ ...restrictedSpec, containers: [badContainer] }))).toEqual([]);
});

test("the items of a list are judged one by one", async () => {
  const items = ["first", "second"].map((name) => ({
    metadata: { name },
    spec: { ...restrictedSpec, hostPID: unknownText },
  }));
  const found = await podSecurity(resource("kubernetes:core/v1:PodList", { items }));
  expect(found.map(({ message }) => message)).toEqual([
    containing("Pod default/first was checked only in part. Unknown or encrypted values:\n  items[0].spec.hostPID"),
    containing("Pod default/second was checked only in part. Unknown or encrypted values:\n  items[1].spec.hostPID"),
  ]);
});

test("exemptions that nothing needs are named at the end", async () => {
  await pack.configure({ exemptions: { list: [{ name: "gone", reason: "long ago" }] } });
  const found = await pack.judge([deployment(restrictedSpec)]);
  expect(found.filter(({ message }) => message.includes("Unused exemption"))).toEqual([
    expect.objectContaining({ message: containing('{"name":"gone","reason":"long ago"}') }),
  ]);
});

test("levels are set by namespace and by control, and the weakest that is set counts", async () => {
  const object = deployment({ ...restrictedSpec, hostNetwork: true, containers: [badContainer] });
  const levelsWith = async (settings: Json) => {
    await pack.configure({ "pod-security": { enforcementLevel: "mandatory", ...settings } });
    return (await podSecurity(object)).map(({ level }) => level);
  };
  expect(await levelsWith({})).toEqual(["mandatory", "mandatory"]);
  expect(await levelsWith({ controls: { privileged: "advisory" } })).toEqual(["mandatory", "advisory"]);
  expect(await levelsWith({ namespaces: { "*": "mandatory", "f*": "advisory" } })).toEqual(["advisory", "advisory"]);
  expect(await levelsWith({ namespaces: { front: "disabled" } })).toEqual([]);
  expect(await levelsWith({ namespaces: { front: { level: "privileged" } } })).toEqual([]);
});

test("the standard's level and version can be chosen, for namespaces too", async () => {
  const seLinux = {
    ...restrictedSpec,
    securityContext: { ...restrictedSpec.securityContext, seLinuxOptions: { type: "container_engine_t" } },
  };
  const count = async (settings: Json) => {
    await pack.configure({ "pod-security": settings });
    return (
      await podSecurity(deployment({ ...seLinux, containers: [{ ...restrictedContainer, securityContext: {} }] }))
    ).length;
  };
  expect(await count({})).toBe(2);
  expect(await count({ level: "baseline" })).toBe(0);
  expect(await count({ level: "baseline", version: "v1.30" })).toBe(1);
  expect(await count({ namespaces: { front: { level: "baseline", version: "v1.30" } } })).toBe(1);
});

test("a setting that does not exist is refused by name", async () => {
  await pack.configure({ "pod-security": { exemption: [] } as Json });
  await expect(pack.analyze(deployment(restrictedSpec))).rejects.toThrow(
    /has no setting "exemption"; its settings are/,
  );
});

test("the namespace is the provider's where the object names none", async () => {
  const pod = { ...resource("kubernetes:core/v1:Pod", { metadata: { name: "p" }, spec: { hostPID: true } }) };
  const found = await podSecurity({ ...pod, provider: { props: { namespace: "given" } } });
  expect(found[0]?.message).toContain("Pod given/p");
  expect((await podSecurity(pod))[0]?.message).toContain("Pod default/p");
});

test("a patch is judged by what it says; what it leaves out is a doubt", async () => {
  const patch = (spec: unknown) =>
    podSecurity(resource("kubernetes:apps/v1:DeploymentPatch", { metadata: { name: "a" }, spec }));
  await pack.configure({ all: "mandatory" });
  expect(await patch({ replicas: 2 })).toEqual([]);
  const found = await patch({
    template: { spec: { containers: [{ name: "a", securityContext: { privileged: true } }] } },
  });
  expect(found.filter(({ level }) => level === "mandatory").map(({ message }) => message)).toEqual([
    containing("privileged ("),
  ]);
  expect(
    found
      .filter(({ level }) => level === "advisory")
      .every(({ message }) => message.includes("Unless the patched object")),
  ).toBe(true);
  expect(found.length).toBeGreaterThan(3);
});

test("a Helm release is said to be opaque, a chart's objects are judged", async () => {
  const release = resource("kubernetes:helm.sh/v3:Release", { chart: "redis", namespace: "front" }, "cache");
  expect(await pack.analyze(release)).toEqual([
    expect.objectContaining({
      policy: "helm-release",
      message: containing("Helm release cache of chart redis was not checked"),
    }),
  ]);
});

test("paths are those of the object that was written", async () => {
  const annotations = { "container.apparmor.security.beta.kubernetes.io/app": "unconfined" };
  const template = { metadata: { annotations }, spec: restrictedSpec };
  const says = async (of: ReturnType<typeof resource>) => (await podSecurity(of)).map(({ message }) => message);
  const place = 'metadata.annotations["container.apparmor.security.beta.kubernetes.io/app"]: "unconfined"';
  const at = (path: string) => [containing(`\n  ${path}${place}\n`)];
  expect(await says(resource("kubernetes:core/v1:Pod", template))).toEqual(at(""));
  expect(await says(resource("kubernetes:apps/v1:DaemonSet", { spec: { template } }))).toEqual(at("spec.template."));
  const jobTemplate = { spec: { template } };
  expect(await says(resource("kubernetes:batch/v1:CronJob", { spec: { jobTemplate } }))).toEqual(
    at("spec.jobTemplate.spec.template."),
  );
});

test("what the stack alone cannot tell names the setting that silences it, and is silenced by it", async () => {
  const policy = resource("kubernetes:networking.k8s.io/v1:NetworkPolicy", {
    metadata: { name: "elsewhere", namespace: "front" },
    spec: { podSelector: { matchLabels: { app: "elsewhere" } } },
  });
  const says = async () => (await pack.analyzeStack([policy])).map(({ message }) => message);
  const setting = 'network.elsewhere: "disabled"';
  expect((await says()).filter((message) => message.includes("stack alone does not show"))).toEqual([containing(setting)]);
  await pack.configure({ network: { elsewhere: "disabled" } });
  expect((await says()).filter((message) => message.includes("stack alone does not show"))).toEqual([]);
});

test("what is written in names cannot forge a line, move the cursor or hide", async () => {
  const forged = "web\n  Exempted (fine)\u001b[2K\r\u009b\u202e\u200b\u2028";
  const shown = "web\\u000a  Exempted (fine)\\u001b[2K\\u000d\\u009b\\u202e\\u200b\\u2028";
  const labels = { app: "web" };
  const container = { name: forged, image: forged, securityContext: { capabilities: { add: [forged] } } };
  const spec = { hostNetwork: true, volumes: [{ name: forged, hostPath: {} }], containers: [container] };
  const template = { metadata: { labels, annotations: { [forged]: forged } }, spec };
  const metadata = { name: forged, namespace: forged, annotations: { [`policies.bana/exempt-${forged}`]: forged } };
  await pack.configure({ exemptions: { annotations: ["*"], list: [{ name: "none", reason: forged }] } });
  const found = await pack.judge([
    resource("kubernetes:apps/v1:Deployment", { metadata, spec: { replicas: 2, template } }),
    resource("kubernetes:core/v1:Namespace", { metadata: { name: forged, labels: { [forged]: forged } } }),
    resource("kubernetes:core/v1:ConfigMap", { metadata, data: { [`${forged}_TOKEN`]: "hunter2", [`${forged}2`]: 7 } }),
    resource("kubernetes:helm.sh/v3:Release", { name: forged, namespace: forged, chart: forged }, forged),
    resource("kubernetes:networking.k8s.io/v1:NetworkPolicy", {
      metadata,
      spec: { podSelector: { matchLabels: { [forged]: forged } }, egress: [{ ports: [{ port: forged }] }] },
    }),
  ]);
  const policies = new Set(found.map(({ policy }) => policy));
  expect(policies.size).toBeGreaterThan(10);
  for (const { message } of found) {
    const own = message.split("\n").slice(1);
    expect(own.join("")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(own.filter((line) => line.trimStart().startsWith("Exempted (fine)"))).toEqual([]);
  }
  expect(found.some(({ message }) => message.includes(`Deployment ${shown}/${shown}`))).toBe(true);
});

const malformed: readonly [string, Json][] = [
  ["no spec", {}],
  ["null everywhere", { metadata: null, spec: null }],
  ["a spec that is a string", { spec: "containers" }],
  ["containers that are an object", { spec: { containers: { a: 1 } } }],
  ["containers of nulls and numbers", { spec: { containers: [null, 7, "x", []] } }],
  [
    "strings for booleans and numbers",
    { spec: { hostNetwork: "true", securityContext: { runAsUser: "0" }, containers: [{ name: 3 }] } },
  ],
  ["lists for objects", { spec: { securityContext: [], containers: [{ securityContext: [], ports: [[]] }] } }],
  ["annotations that are numbers", { metadata: { annotations: { a: 1 } }, spec: { ...restrictedSpec } }],
];
test.each(malformed)("a malformed object is reported, and crashes nothing: %s", async (_, props) => {
  await pack.configure({ all: "mandatory" });
  const found = await pack.judge([
    resource("kubernetes:core/v1:Pod", props),
    resource("kubernetes:core/v1:Pod", restrictedSpec),
  ]);
  expect(found.some(({ message }) => message.includes("is invalid, and the API server will reject it"))).toBe(
    true,
  );
});

test("ten thousand containers, and deep nesting, are no trouble", async () => {
  const containers = Array.from({ length: 10_000 }, (_, index) => ({ ...badContainer, name: `c${index}` }));
  const [found] = await podSecurity(deployment({ ...restrictedSpec, containers }));
  expect(found?.message).toContain("and 9990 more");
  let deep: unknown = {};
  for (let depth = 0; depth < 60; depth += 1) deep = { spec: [deep] };
  expect((await pack.judge([resource("kubernetes:core/v1:Pod", { spec: deep })])).length).toBeGreaterThan(0);
}, 60_000);
