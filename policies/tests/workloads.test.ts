import type { Resource } from "../kubernetes/objects.ts";
import { parseImage } from "../workloads/image.ts";
import { RunningPack, unknownText } from "./engine.ts";
import { namespace, workload } from "./network-support.ts";
import { containing, resource, restrictedContainer, type Json } from "./support.ts";

let pack: RunningPack;
beforeAll(async () => {
  pack = await RunningPack.start();
});
afterAll(() => pack.stop());
beforeEach(() => pack.configure());

async function messages(policy: string, ...of: readonly Resource[]): Promise<readonly string[]> {
  const found = await pack.analyzeAll(of);
  return found.filter((diagnostic) => diagnostic.policy === policy).map(({ message }) => message);
}

function deployment(container: Json, spec: Json = {}, kind = "apps/v1:Deployment") {
  return workload("front", "web", { kind, spec: { containers: [{ ...restrictedContainer, ...container }], ...spec } });
}

const cases: readonly [policy: string, title: string, object: Resource, expected: string | undefined][] = [
  [
    "read-only-root-filesystem",
    "not set",
    deployment({}),
    "can write to its root filesystem (spec.template.spec.containers[0].securityContext.readOnlyRootFilesystem: not set)",
  ],
  ["read-only-root-filesystem", "true", deployment({ securityContext: { readOnlyRootFilesystem: true } }), undefined],
  [
    "read-only-root-filesystem",
    "unknown",
    deployment({ securityContext: { readOnlyRootFilesystem: unknownText } }),
    "Unknown or encrypted values:\n  spec.template.spec.containers[0].securityContext.readOnlyRootFilesystem",
  ],
  ["read-only-root-filesystem", "on Windows", deployment({}, { os: { name: "windows" } }), undefined],
  ["image-tag", "a version", deployment({ image: "nginx:1.27" }), undefined],
  ["image-tag", "no tag", deployment({ image: "registry:5000/nginx" }), "runs an image without a tag"],
  ["image-tag", "latest", deployment({ image: "nginx:latest" }), 'with the tag "latest"'],
  ["image-tag", "latest with a digest", deployment({ image: "nginx:latest@sha256:0f" }), undefined],
  [
    "image-tag",
    "unknown",
    deployment({ image: unknownText }),
    "Unknown or encrypted values:\n  spec.template.spec.containers[0].image",
  ],
  ["probes", "none", deployment({}), "has no readinessProbe and no livenessProbe"],
  ["probes", "both", deployment({ readinessProbe: {}, livenessProbe: {} }), undefined],
  ["probes", "not required for a Job", deployment({}, {}, "batch/v1:Job"), undefined],
  [
    "probes",
    "not required for a pod that terminates",
    resource("kubernetes:core/v1:Pod", { spec: { restartPolicy: "Never", containers: [{}] } }),
    undefined,
  ],
  [
    "probes",
    "required for a sidecar",
    deployment(
      { readinessProbe: {}, livenessProbe: {} },
      { initContainers: [{ name: "side", restartPolicy: "Always" }] },
    ),
    'container "side" has no',
  ],
  [
    "probes",
    "not required for an init container",
    deployment({ readinessProbe: {}, livenessProbe: {} }, { initContainers: [{ name: "init" }] }),
    undefined,
  ],
  ["user-namespace", "disabled by default", deployment({}), undefined],
  ["allowed-registries", "disabled by default", deployment({}), undefined],
];

test.each(cases)("%s: %s", async (policy, _, object, expected) => {
  expect(await messages(policy, object)).toEqual(expected === undefined ? [] : [containing(expected)]);
});

test("a patch is evaluated by the fields that it sets; fields that it omits are no violation", async () => {
  const patch = (container: Json) => ({ ...deployment(container), type: "kubernetes:apps/v1:DeploymentPatch" });
  const all = async (container: Json) => {
    const found = await pack.analyzeAll([patch(container)]);
    return found.filter(({ policy }) => policy !== "pod-security").map(({ policy }) => policy);
  };
  expect(await all({})).toEqual([]);
  expect(
    await all({
      image: "nginx:latest",
      securityContext: { readOnlyRootFilesystem: false },
      env: [{ name: "TOKEN", value: "hunter2" }],
    }),
  ).toEqual(["read-only-root-filesystem", "image-tag", "plain-secrets"]);
});

test("registries, user namespaces, required resources and probes, and secret names are settings", async () => {
  await pack.configure({
    "allowed-registries": { registries: ["registry.example", "docker.io/library/*"] },
    "user-namespace": { required: true },
    "requests-and-limits": { required: ["requests.memory"] },
    probes: { required: ["startupProbe"] },
    "plain-secrets": { names: ["*_LICENSE"], harmlessNames: ["PUBLIC_*"] },
  });
  expect(await messages("allowed-registries", deployment({ image: "registry.example/a/b:1" }))).toEqual([]);
  expect(await messages("allowed-registries", deployment({ image: "nginx:1" }))).toEqual([]);
  expect(await messages("allowed-registries", deployment({ image: "quay.io/nginx:1" }))).toEqual([
    containing("runs an image from quay.io/nginx"),
  ]);
  expect(await messages("user-namespace", deployment({}))).toEqual([containing("hostUsers: not set")]);
  expect(await messages("user-namespace", deployment({}, { hostUsers: false }))).toEqual([]);
  expect(await messages("requests-and-limits", deployment({}))).toEqual([containing("has no requests.memory (")]);
  expect(await messages("probes", deployment({}))).toEqual([containing("has no startupProbe (")]);
  const env = [
    { name: "ACME_LICENSE", value: "x" },
    { name: "PUBLIC_TOKEN", value: "x" },
  ];
  expect(await messages("plain-secrets", deployment({ env }))).toEqual([containing("ACME_LICENSE")]);
});

test("containers of one object are reported together, exempted ones separately", async () => {
  await pack.configure({
    "image-tag": { enforcementLevel: "mandatory", exemptions: [{ images: ["debug*"], reason: "by hand" }] },
  });
  const containers = ["nginx", "debug", "redis"].map((image) => ({ ...restrictedContainer, name: image, image }));
  const found = (await pack.analyze(deployment({}, { containers }))).filter(({ policy }) => policy === "image-tag");
  expect(found.map(({ level, message }) => [level, message.match(/container "\w+"/g)])).toEqual([
    ["mandatory", ['container "nginx"', 'container "redis"']],
    ["advisory", ['container "debug"']],
  ]);
});

describe("pod-disruption-budget", () => {
  const budget = (spec: Json, at: unknown = "front", kind = "PodDisruptionBudget") =>
    resource(`kubernetes:policy/v1:${kind}`, { metadata: { namespace: at, name: "web" }, spec });
  const web = { selector: { matchLabels: { app: "web" } } };
  const replicated = workload("front", "web", { replicas: 2 });
  const unknownReplicas = workload("front", "web", { replicas: unknownText as unknown as number });
  const violation = "has 2 replicas, but no PodDisruptionBudget of its namespace selects its pods";
  const undecided = "may have several replicas without a PodDisruptionBudget";

  test.each<[string, string | undefined, readonly Resource[]]>([
    ["no budget", violation, [replicated]],
    ["one replica", undefined, [workload("front", "web", { replicas: 1 })]],
    ["a budget by label", undefined, [replicated, budget(web)]],
    [
      "a budget by expression",
      undefined,
      [replicated, budget({ selector: { matchExpressions: [{ key: "app", operator: "Exists" }] } })],
    ],
    ["a budget of all pods", undefined, [replicated, budget({ selector: {} })]],
    ["a budget of other pods", violation, [replicated, budget({ selector: { matchLabels: { app: "bew" } } })]],
    ["a budget of another namespace", violation, [replicated, budget(web, "back")]],
    ["a budget without a selector", violation, [replicated, budget({})]],
    ["an unknown selector", undecided, [replicated, budget({ selector: { matchLabels: { app: unknownText } } })]],
    ["an unknown namespace", undecided, [replicated, budget(web, unknownText)]],
    ["a patched selector", undecided, [replicated, budget(web, "front", "PodDisruptionBudgetPatch")]],
    ["unknown replicas", undecided, [unknownReplicas]],
    ["unknown replicas, with a budget", undefined, [unknownReplicas, budget(web)]],
    [
      "unknown labels",
      undecided,
      [workload("front", "web", { replicas: 2, labels: { app: unknownText } }), budget(web)],
    ],
    [
      "unknown labels, without a budget",
      violation,
      [workload("front", "web", { replicas: 2, labels: { a: unknownText } })],
    ],
    [
      "unknown labels, and a budget of all pods",
      undefined,
      [workload("front", "web", { replicas: 2, labels: { a: unknownText } }), budget({ selector: {} })],
    ],
  ])("%s: %s", async (_, expected, resources) => {
    const found = await messages("pod-disruption-budget", namespace("front"), ...resources);
    expect(found).toEqual(expected === undefined ? [] : [containing(expected)]);
  });
});

describe("pod-security-namespace", () => {
  const label = (over: Json) =>
    namespace("front", {
      "pod-security.kubernetes.io/enforce": "restricted",
      "pod-security.kubernetes.io/enforce-version": "v1.34",
      ...over,
    });
  const enforce = (level: unknown) => label({ "pod-security.kubernetes.io/enforce": level });
  const version = (value: unknown) => label({ "pod-security.kubernetes.io/enforce-version": value });

  test.each<[string, Resource, readonly string[]]>([
    ["labels set", label({}), []],
    [
      "no labels",
      namespace("front"),
      [
        "Namespace front: the label pod-security.kubernetes.io/enforce is missing, and the label " +
          "pod-security.kubernetes.io/enforce-version is missing: a cluster upgrade changes the rules.\n" +
          "  Why: These labels turn on Pod Security admission, with rules that a cluster upgrade does not change.\n" +
          "  Fix: set the labels pod-security.kubernetes.io/enforce: restricted and " +
          "pod-security.kubernetes.io/enforce-version: v1.N, the version of the cluster.",
      ],
    ],
    ["baseline", enforce("baseline"), ["is baseline, less strict than restricted"]],
    ["a misspelt level", enforce("restrictd"), ['is "restrictd", which the API server rejects']],
    ["latest", version("latest"), ["is latest: a cluster upgrade changes the rules"]],
    ["a misspelt version", version("1.34"), ['is "1.34", which the API server rejects']],
    ["an unknown level", enforce(unknownText), ["Unknown or encrypted values:\n  metadata.labels"]],
    [
      "a patch that does not set the labels",
      resource("kubernetes:core/v1:NamespacePatch", { metadata: { name: "front", labels: {} } }),
      [],
    ],
    [
      "a patch that sets a weaker level",
      resource("kubernetes:core/v1:NamespacePatch", {
        metadata: { labels: { "pod-security.kubernetes.io/enforce": "privileged" } },
      }),
      ["is privileged, less strict"],
    ],
  ])("%s", async (_, object, expected) => {
    const found = await messages("pod-security-namespace", object);
    expect(found).toEqual(expected.map((each) => containing(each)));
  });

  test("level, version and modes are settings", async () => {
    await pack.configure({
      "pod-security-namespace": {
        level: "baseline",
        minimumVersion: "v1.30",
        pinned: true,
        modes: ["enforce", "warn"],
      },
    });
    expect(await messages("pod-security-namespace", version("v1.29"))).toEqual([
      containing("is v1.29, older than v1.30"),
      containing("warn is missing, and the label pod-security.kubernetes.io/warn-version is missing"),
    ]);
    await pack.configure({ "pod-security-namespace": { pinned: false } });
    expect(await messages("pod-security-namespace", version(null))).toEqual([]);
  });
});

test.each([
  ["nginx", "docker.io/library/nginx", undefined],
  ["nginx:1", "docker.io/library/nginx", "1"],
  ["team/app:1", "docker.io/team/app", "1"],
  ["localhost/app", "localhost/app", undefined],
  ["registry:5000/app", "registry:5000/app", undefined],
  ["registry:5000/app:2@sha256:00", "registry:5000/app", "2"],
  ["ghcr.io/a/b/c", "ghcr.io/a/b/c", undefined],
])("the image %s is read as %s", (image, repository, tag) => {
  expect(parseImage(image)).toMatchObject({ repository, tag });
});
