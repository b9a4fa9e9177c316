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

async function messages(policy: string, of: ReturnType<typeof resource>): Promise<readonly string[]> {
  const found = await pack.analyze(of);
  return found.filter((diagnostic) => diagnostic.policy === policy).map(({ message }) => message);
}

function deployment(container: Json, spec: Json = {}, kind = "apps/v1:Deployment") {
  return workload("front", "web", { kind, spec: { containers: [{ ...restrictedContainer, ...container }], ...spec } });
}

const quantities = { cpu: "1", memory: "1Gi" };

const cases: readonly [policy: string, title: string, object: ReturnType<typeof resource>, says: string | undefined][] =
  [
    [
      "read-only-root-filesystem",
      "left out",
      deployment({}),
      "may write to its image (spec.template.spec.containers[0].securityContext.readOnlyRootFilesystem: not set)",
    ],
    ["read-only-root-filesystem", "true", deployment({ securityContext: { readOnlyRootFilesystem: true } }), undefined],
    [
      "read-only-root-filesystem",
      "unknown",
      deployment({ securityContext: { readOnlyRootFilesystem: unknownText } }),
      undefined,
    ],
    ["read-only-root-filesystem", "on Windows", deployment({}, { os: { name: "windows" } }), undefined],
    [
      "service-account-token",
      "left out",
      deployment({}),
      "mounts a service account token (spec.template.spec.automountServiceAccountToken: not set)",
    ],
    [
      "service-account-token",
      "true",
      deployment({}, { automountServiceAccountToken: true }),
      "automountServiceAccountToken: true)",
    ],
    ["service-account-token", "false", deployment({}, { automountServiceAccountToken: false }), undefined],
    ["requests-and-limits", "none", deployment({}), "has no requests.cpu, requests.memory, limits.cpu, limits.memory"],
    [
      "requests-and-limits",
      "requests only",
      deployment({ resources: { requests: quantities } }),
      "has no limits.cpu, limits.memory",
    ],
    [
      "requests-and-limits",
      "limits, which are requests too",
      deployment({ resources: { limits: quantities } }),
      undefined,
    ],
    ["requests-and-limits", "of the pod", deployment({}, { resources: { limits: quantities } }), undefined],
    ["image-tag", "a version", deployment({ image: "nginx:1.27" }), undefined],
    ["image-tag", "no tag", deployment({ image: "registry:5000/nginx" }), "runs an image that has no tag"],
    ["image-tag", "latest", deployment({ image: "nginx:latest" }), 'has the tag "latest"'],
    ["image-tag", "latest with a digest", deployment({ image: "nginx:latest@sha256:0f" }), undefined],
    ["image-tag", "unknown", deployment({ image: unknownText }), undefined],
    ["probes", "none", deployment({}), "has no readinessProbe and no livenessProbe"],
    ["probes", "both", deployment({ readinessProbe: {}, livenessProbe: {} }), undefined],
    ["probes", "a job needs none", deployment({}, {}, "batch/v1:Job"), undefined],
    [
      "probes",
      "a pod that ends by itself needs none",
      resource("kubernetes:core/v1:Pod", { spec: { restartPolicy: "Never", containers: [{}] } }),
      undefined,
    ],
    [
      "probes",
      "a sidecar needs them",
      deployment(
        { readinessProbe: {}, livenessProbe: {} },
        { initContainers: [{ name: "side", restartPolicy: "Always" }] },
      ),
      'container "side" has no',
    ],
    [
      "probes",
      "an init container needs none",
      deployment({ readinessProbe: {}, livenessProbe: {} }, { initContainers: [{ name: "init" }] }),
      undefined,
    ],
    ["user-namespace", "off unless required", deployment({}), undefined],
    ["allowed-registries", "off unless listed", deployment({}), undefined],
    [
      "plain-secrets",
      "a password",
      deployment({ env: [{ name: "DB_PASSWORD", value: "hunter2" }] }),
      '"DB_PASSWORD", by its name a secret, in plain (spec.template.spec.containers[0].env[0].value)',
    ],
    [
      "plain-secrets",
      "a reference",
      deployment({ env: [{ name: "DB_PASSWORD", valueFrom: { secretKeyRef: {} } }] }),
      undefined,
    ],
    [
      "plain-secrets",
      "a reference to another variable",
      deployment({ env: [{ name: "DB_PASSWORD", value: "$(SECRET)" }] }),
      undefined,
    ],
    ["plain-secrets", "a path", deployment({ env: [{ name: "API_TOKEN", value: "/run/secrets/token" }] }), undefined],
    [
      "plain-secrets",
      "a name that only sounds like it",
      deployment({
        env: [
          { name: "TOKEN_TTL", value: "3600" },
          { name: "PASSWORD_ENCRYPTION", value: "scram" },
        ],
      }),
      undefined,
    ],
    [
      "plain-secrets",
      "a connection string",
      deployment({ env: [{ name: "DB", value: "postgres://me:hunter2@db/x" }] }),
      'a connection string with a password in "DB"',
    ],
    [
      "plain-secrets",
      "a connection string without",
      deployment({ env: [{ name: "DB", value: "postgres://me@db/x" }] }),
      undefined,
    ],
    [
      "plain-secrets",
      "a ConfigMap",
      resource("kubernetes:core/v1:ConfigMap", { data: { "redis.password": "hunter2" } }),
      '"redis.password", by its name a secret',
    ],
    [
      "plain-secrets",
      "a private key",
      resource("kubernetes:core/v1:ConfigMap", { data: { pem: "-----BEGIN RSA PRIVATE KEY-----\nMII" } }),
      'a private key in "pem"',
    ],
    [
      "plain-secrets",
      "a harmless ConfigMap",
      resource("kubernetes:core/v1:ConfigMap", { data: { "pgbouncer.ini": "auth_type = scram-sha-256" } }),
      undefined,
    ],
  ];

test.each(cases)("%s: %s", async (policy, _, object, says) => {
  expect(await messages(policy, object)).toEqual(says === undefined ? [] : [containing(says)]);
});

test("a violation never shows the secret that it is about", async () => {
  const found = await pack.analyze(
    deployment({
      env: [
        { name: "DB_PASSWORD", value: "hunter2" },
        { name: "U", value: "amqp://a:hunter2@b" },
      ],
    }),
  );
  expect(JSON.stringify(found)).not.toContain("hunter2");
});

test("registries, user namespaces and what is required are settings", async () => {
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

test("containers of one object are reported together, exempted ones apart", async () => {
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
  const budget = (spec: Json, at = "front") =>
    resource("kubernetes:policy/v1:PodDisruptionBudget", { metadata: { namespace: at, name: "web" }, spec });
  const count = async (...resources: readonly ReturnType<typeof resource>[]) =>
    (await pack.analyzeStack([namespace("front"), ...resources])).filter(
      ({ policy }) => policy === "pod-disruption-budget",
    ).length;
  const replicated = workload("front", "web", { replicas: 2 });

  test("several replicas need one that selects them", async () => {
    expect(await count(replicated)).toBe(1);
    expect(await count(workload("front", "web", { replicas: 1 }))).toBe(0);
    expect(await count(replicated, budget({ selector: { matchLabels: { app: "web" } } }))).toBe(0);
    expect(
      await count(replicated, budget({ selector: { matchExpressions: [{ key: "app", operator: "Exists" }] } })),
    ).toBe(0);
    expect(await count(replicated, budget({ selector: {} }))).toBe(0);
    expect(await count(replicated, budget({ selector: { matchLabels: { app: "bew" } } }))).toBe(1);
    expect(await count(replicated, budget({ selector: { matchLabels: { app: "web" } } }, "back"))).toBe(1);
    expect(await count(replicated, budget({}))).toBe(1);
    expect(await count(replicated, budget({ selector: { matchLabels: { app: unknownText } } }))).toBe(0);
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

  test.each<[string, ReturnType<typeof resource>, readonly string[]]>([
    ["labelled", label({}), []],
    [
      "not labelled",
      namespace("front"),
      ["the label pod-security.kubernetes.io/enforce is missing", "enforce-version is missing"],
    ],
    ["baseline", enforce("baseline"), ["is baseline, less strict than restricted"]],
    ["a misspelt level", enforce("restrictd"), ['is "restrictd", which the API server refuses']],
    ["latest", version("latest"), ["is latest: an upgrade of the cluster changes the rules"]],
    ["a misspelt version", version("1.34"), ['is "1.34", which the API server refuses']],
    ["an unknown level", enforce(unknownText), []],
    [
      "a patch of something else",
      resource("kubernetes:core/v1:NamespacePatch", { metadata: { name: "front", labels: {} } }),
      [],
    ],
    [
      "a patch that weakens",
      resource("kubernetes:core/v1:NamespacePatch", {
        metadata: { labels: { "pod-security.kubernetes.io/enforce": "privileged" } },
      }),
      ["is privileged, less strict"],
    ],
  ])("%s", async (_, object, says) => {
    const found = await messages("pod-security-namespace", object);
    expect(found).toEqual(says.map((each) => containing(each)));
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
      containing("pod-security.kubernetes.io/warn is missing"),
      containing("pod-security.kubernetes.io/warn-version is missing"),
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
