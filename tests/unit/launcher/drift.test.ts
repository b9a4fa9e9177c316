import type { ClusterApi } from "../../../launcher/cluster-api.ts";
import { declaredObjects } from "../../../launcher/drift/declared.ts";
import { driftLines, findDrift } from "../../../launcher/drift/drift.ts";
import { unreadyWorkloads } from "../../../launcher/drift/workloads.ts";
import type { ExportedState, StateResource } from "../../../launcher/interrupted-creates.ts";

type Fields = Readonly<Record<string, unknown>>;

/** A secret value as `pulumi stack export --show-secrets` writes it. */
const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});

const metadata = { name: "web", namespace: "shop", labels: { "app.kubernetes.io/name": "web" } };

function resource(kind: string, inputs: Fields, recorded: Fields = inputs): StateResource {
  const common = { apiVersion: "v1", kind, metadata };
  return {
    urn: `urn:${kind}`,
    type: `kubernetes:core/v1:${kind}`,
    custom: true,
    inputs: { ...common, ...inputs },
    outputs: { ...common, metadata: { ...metadata, resourceVersion: "1" }, ...recorded, __inputs: inputs },
  };
}

const stateOf = (...resources: StateResource[]): ExportedState => ({ version: 3, deployment: { resources } });

/** A cluster with this object, or without any. */
const cluster = (live?: Fields): ClusterApi => ({
  read: ({ apiVersion, kind }) =>
    Promise.resolve(live === undefined ? undefined : { apiVersion, kind, metadata, ...live }),
  list: () => Promise.resolve([]),
  pods: () => Promise.resolve([]),
});

/** @param sealed the resource as it is exported without secrets */
async function drift(declared: StateResource, live?: Fields, sealed = declared): Promise<string[]> {
  const withSecrets = () => Promise.resolve(stateOf(declared));
  return driftLines(await findDrift(cluster(live), { state: stateOf(sealed), withSecrets }));
}

const deployment = resource(
  "Deployment",
  { spec: { replicas: 2, template: { cpu: "1000m" } } },
  {
    spec: { replicas: 2, template: { cpu: "1", schedulerName: "default" } },
    status: { readyReplicas: 2 },
  },
);

test("an untouched object has no drift: the server's notation, its defaults and undeclared fields do not count", async () => {
  const spec = { replicas: 2, template: { cpu: "1", schedulerName: "other" }, paused: true };
  const labels = { ...metadata.labels, added: "by hand" };
  expect(await drift(deployment, { spec, metadata: { ...metadata, labels }, status: {} })).toEqual([]);
});

test("a missing object, and one that is being deleted", async () => {
  expect(await drift(deployment)).toEqual(["Deployment shop/web: missing"]);
  const leaving = { ...metadata, deletionTimestamp: "2026-01-31T00:00:00Z" };
  expect(await drift(deployment, { metadata: leaving })).toEqual(["Deployment shop/web: being deleted"]);
});

test("changed and removed fields are named with their values", async () => {
  const changed = { spec: { replicas: 0, template: {} }, metadata: { ...metadata, labels: {} } };
  expect(await drift(deployment, changed)).toEqual([
    'Deployment shop/web: metadata.labels["app.kubernetes.io/name"] is missing',
    "Deployment shop/web: spec.replicas is 0 instead of 2",
    "Deployment shop/web: spec.template.cpu is missing",
  ]);
});

test("long values are not shown", async () => {
  const files = resource("ConfigMap", { data: { "web.conf": "a\nb", mode: "fast" } });
  expect(await drift(files, { data: { "web.conf": "a", mode: "slow" } })).toEqual([
    "ConfigMap shop/web: data.web.conf has changed".replace("data.web.conf", 'data["web.conf"]'),
    'ConfigMap shop/web: data.mode is "slow" instead of "fast"',
  ]);
});

test("lists are compared item by item, or as a whole if their length differs", async () => {
  const policy = resource("NetworkPolicy", { spec: { ingress: [{ ports: [{ port: 1 }] }], podSelector: {} } });
  const other = { spec: { ingress: [{ ports: [{ port: 2 }] }], podSelector: {} } };
  expect(await drift(policy, other)).toEqual([
    "NetworkPolicy shop/web: spec.ingress[0].ports[0].port is 2 instead of 1",
  ]);
  const more = { spec: { ingress: [{ ports: [{ port: 1 }] }, {}], podSelector: {} } };
  expect(await drift(policy, more)).toEqual(["NetworkPolicy shop/web: spec.ingress has changed"]);
  const narrow = { spec: { ingress: [{ ports: [{ port: 1 }] }], podSelector: { matchLabels: { a: "b" } } } };
  expect(await drift(policy, narrow)).toEqual(["NetworkPolicy shop/web: spec.podSelector has changed"]);
});

test("a Secret's values are compared, and never shown", async () => {
  const recorded = { data: secret({ password: "aHVudGVyMg==" }) };
  for (const inputs of [{ stringData: secret({ password: "hunter2" }) }, recorded]) {
    const login = resource("Secret", inputs, recorded);
    expect(await drift(login, { data: { password: "aHVudGVyMg==" } })).toEqual([]);
    expect(await drift(login, { data: { password: "b3RoZXI=" } })).toEqual([
      "Secret shop/web: data.password has changed",
    ]);
    expect(await drift(login, { data: {} })).toEqual(["Secret shop/web: data.password is missing"]);
  }
});

test("the state's secrets are exported only if an object that has some was changed", async () => {
  const encrypted = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:x" };
  const sealed = resource("Secret", { data: encrypted });
  const plain = resource("Secret", { data: secret({ password: "aHVudGVyMg==" }) });
  const live = (resourceVersion: string) => ({
    metadata: { ...metadata, resourceVersion },
    data: { password: "b3RoZXI=" },
  });
  expect(await drift(plain, live("1"), sealed)).toEqual([]);
  expect(await drift(plain, live("2"), sealed)).toEqual(["Secret shop/web: data.password has changed"]);
});

test("a secret value in another object is not shown either", async () => {
  const inputs = { data: { token: secret("hunter2") } };
  expect(await drift(resource("ConfigMap", inputs), { data: { token: "x" } })).toEqual([
    "ConfigMap shop/web: data.token has changed",
  ]);
});

test("only objects that the stack creates count", () => {
  const others = [
    { ...deployment, custom: false },
    { ...deployment, external: true },
    { ...deployment, delete: true },
    { ...deployment, type: "kubernetes:core/v1:ConfigMapPatch" },
    { ...deployment, type: "pulumi:providers:kubernetes" },
  ];
  expect(declaredObjects(stateOf(...others))).toEqual([]);
});

test("a workload has too few ready pods, or a Job has not completed", async () => {
  const unready = async (declared: StateResource, status: Fields) =>
    unreadyWorkloads(cluster({ status }), declaredObjects(stateOf(declared)));
  expect(await unready(deployment, { readyReplicas: 2 })).toEqual([]);
  expect(await unready(deployment, {})).toEqual(["Deployment shop/web: 0 of 2 pods are ready"]);
  const job = resource("Job", { spec: {} });
  expect(await unready(job, { succeeded: 1 })).toEqual([]);
  expect(await unready(job, { active: 1 })).toEqual(["Job shop/web: has not completed"]);
});

test("a PostgreSQL cluster of CloudNativePG has too few ready instances", async () => {
  const postgresql = resource("Cluster", { spec: { instances: 3 } });
  const apiVersion = "postgresql.cnpg.io/v1";
  const declared = declaredObjects(stateOf({ ...postgresql, outputs: { ...postgresql.outputs, apiVersion } }));
  const unready = (readyInstances: number) => unreadyWorkloads(cluster({ status: { readyInstances } }), declared);
  expect(await unready(3)).toEqual([]);
  expect(await unready(2)).toEqual(["Cluster shop/web: 2 of 3 pods are ready"]);
});
