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

test("a violation names object, check, fields and fix, and is advisory by default", async () => {
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

test("reports nothing for a compliant pod, or a stack without Kubernetes", async () => {
  expect(await podSecurity(deployment(restrictedSpec))).toEqual([]);
  const bucket = resource("aws:s3/bucket:Bucket", { spec: { containers: "no" } });
  const stack = resource("pulumi:pulumi:Stack", {});
  expect(await pack.analyzeAll([stack, bucket])).toEqual([]);
});

test("an unknown value hides no other violation", async () => {
  const container = {
    ...badContainer,
    image: unknownText,
    securityContext: {
      privileged: true,
      runAsNonRoot: unknownText,
      capabilities: unknownObject,
      allowPrivilegeEscalation: false,
    },
  };
  const found = await podSecurity(deployment({ ...restrictedSpec, containers: [container] }));
  expect(found.map(({ message, level }) => [level, message.split("\n")[1]])).toEqual([
    ["advisory", containing("privileged (container")],
    ["advisory", "Deployment front/shop was checked only in part. Unknown or encrypted values:"],
  ]);
  expect(found[1]?.message).toContain("spec.template.spec.containers[0].securityContext.capabilities");
});

test("unknown values are advisory in a mandatory pack, unless the level `unknown` is set", async () => {
  const object = deployment({ ...restrictedSpec, containers: unknownObject });
  await pack.configure({ all: "mandatory" });
  expect((await podSecurity(object)).map(({ level }) => level)).toEqual(["advisory"]);
  await pack.configure({ all: "mandatory", "pod-security": { unknown: "mandatory" } });
  expect((await podSecurity(object)).map(({ level }) => level)).toEqual(["mandatory"]);
  await pack.configure({ all: "mandatory", "pod-security": { unknown: "disabled" } });
  expect(await podSecurity(object)).toEqual([]);
});

test("a secret spec is evaluated, a spec redacted in an exported state is unknown", async () => {
  expect(
    await podSecurity(resource("kubernetes:core/v1:Pod", { spec: secret({ ...restrictedSpec, hostPID: true }) })),
  ).toHaveLength(1);
  const redacted = await podSecurity(resource("kubernetes:core/v1:Pod", { spec: "[secret]" }));
  expect(redacted.map(({ message }) => message)).toEqual([containing("Unknown or encrypted values:\n  spec")]);
});

test("an exemption must match; the violation is reported with its reason", async () => {
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

test("an exemption by container or image exempts these containers only", async () => {
  const second = { ...badContainer, name: "sidecar", image: "registry.example/mesh:2" };
  const object = deployment({ ...restrictedSpec, containers: [badContainer, second] });
  for (const scope of [{ container: "sidecar" }, { images: ["registry.example/mesh:*"] }]) {
    await pack.configure({ all: "mandatory", "pod-security": { exemptions: [{ ...scope, reason: "mesh" }] } });
    const found = await podSecurity(object);
    expect(found.map(({ level }) => level)).toEqual(["mandatory", "advisory"]);
    expect(found[0]?.message).toContain('privileged (container "app" must not');
    expect(found[1]?.message).toContain("Exempted (mesh)");
  }
});

test("a disabled control is not reported as exempted", async () => {
  const exemptions = [{ container: "app", reason: "unused" }];
  await pack.configure({ "pod-security": { controls: { privileged: "disabled" }, exemptions } });
  expect(await podSecurity(deployment({ ...restrictedSpec, containers: [badContainer] }))).toEqual([]);
});

test("the items of a list are evaluated one by one", async () => {
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

test("unused exemptions are reported at the end", async () => {
  await pack.configure({ exemptions: { list: [{ name: "gone", reason: "long ago" }] } });
  const found = await pack.analyzeAll([deployment(restrictedSpec)]);
  expect(found.filter(({ message }) => message.includes("Unused exemption"))).toEqual([
    expect.objectContaining({ message: containing('{"name":"gone","reason":"long ago"}') }),
  ]);
});

test("levels are set by namespace and control, and the weakest one applies", async () => {
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

test("level and version of the standard are settings, also for namespaces", async () => {
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

test("an unsupported setting is rejected by name", async () => {
  await pack.configure({ "pod-security": { exemption: [] } as Json });
  await expect(pack.analyze(deployment(restrictedSpec))).rejects.toThrow(
    /has no setting "exemption"; its settings are/,
  );
});

test("the namespace defaults to the provider's", async () => {
  const pod = { ...resource("kubernetes:core/v1:Pod", { metadata: { name: "p" }, spec: { hostPID: true } }) };
  const found = await podSecurity({ ...pod, provider: { props: { namespace: "given" } } });
  expect(found[0]?.message).toContain("Pod given/p");
  expect((await podSecurity(pod))[0]?.message).toContain("Pod default/p");
});

test("a patch is evaluated by the fields that it sets; fields that it omits are unknown", async () => {
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

test("a Helm release is reported as opaque", async () => {
  const release = resource("kubernetes:helm.sh/v3:Release", { chart: "redis", namespace: "front" }, "cache");
  expect(await pack.analyze(release)).toEqual([
    expect.objectContaining({
      policy: "helm-release",
      message: containing("Helm release cache of chart redis was not checked"),
    }),
  ]);
});

test("paths are those of the declared object", async () => {
  const annotations = { "container.apparmor.security.beta.kubernetes.io/app": "unconfined" };
  const template = { metadata: { annotations }, spec: restrictedSpec };
  const messages = async (of: ReturnType<typeof resource>) => (await podSecurity(of)).map(({ message }) => message);
  const field = 'metadata.annotations["container.apparmor.security.beta.kubernetes.io/app"]: "unconfined"';
  const at = (path: string) => [containing(`\n  ${path}${field}\n`)];
  expect(await messages(resource("kubernetes:core/v1:Pod", template))).toEqual(at(""));
  expect(await messages(resource("kubernetes:apps/v1:DaemonSet", { spec: { template } }))).toEqual(
    at("spec.template."),
  );
  const jobTemplate = { spec: { template } };
  expect(await messages(resource("kubernetes:batch/v1:CronJob", { spec: { jobTemplate } }))).toEqual(
    at("spec.jobTemplate.spec.template."),
  );
});

test("reports about other stacks name the setting that disables them", async () => {
  const policy = resource("kubernetes:networking.k8s.io/v1:NetworkPolicy", {
    metadata: { name: "elsewhere", namespace: "front" },
    spec: { podSelector: { matchLabels: { app: "elsewhere" } } },
  });
  const messages = async () => {
    const found = await pack.analyzeStack([policy]);
    return found.map(({ message }) => message).filter((message) => message.includes("this stack alone does not show"));
  };
  const setting = 'network.elsewhere: "disabled"';
  expect(await messages()).toEqual([containing(setting)]);
  await pack.configure({ network: { elsewhere: "disabled" } });
  expect(await messages()).toEqual([]);
});

test("handles ten thousand containers, and deep nesting", async () => {
  const containers = Array.from({ length: 10_000 }, (_, index) => ({ ...badContainer, name: `c${index}` }));
  const [found] = await podSecurity(deployment({ ...restrictedSpec, containers }));
  expect(found?.message).toContain("and 9990 more");
  let deep: unknown = {};
  for (let depth = 0; depth < 60; depth += 1) deep = { spec: [deep] };
  expect((await pack.analyzeAll([resource("kubernetes:core/v1:Pod", { spec: deep })])).length).toBeGreaterThan(0);
}, 60_000);
