import { describe, expect, test } from "@jest/globals";
import { podAmounts } from "../../../components/capacity/pod-amounts.ts";
import { poolsOf } from "../../../components/capacity/pools.ts";
import type { PlannedResource } from "../../../components/capacity/workload.ts";
import { workloadsOf } from "../../../components/capacity/workloads.ts";
import { objectStoreSpec } from "../../../components/postgresql/cloudnative-pg/backup-store.ts";
import { clusterSpec } from "../../../components/postgresql/cloudnative-pg/cluster.ts";
import { clusterBackup } from "../../../components/postgresql/cloudnative-pg/recovery.ts";
import { backupStore } from "../../../settings.ts";
import type { Settings } from "../../../settings.ts";
import { settingsSchema } from "../../../settings/schema.ts";

const Mi = 2 ** 20;
const Gi = 2 ** 30;

const container = (cpu: string, memory: string, limit = memory) => ({
  resources: { requests: { cpu, memory }, limits: { cpu: "1", memory: limit } },
});

const sidecar = (cpu: string, memory: string) => ({ ...container(cpu, memory), restartPolicy: "Always" });

const settingsWith = (given: object) => settingsSchema.parse({ cluster: { context: "any" }, ...given });

describe("a pod's amounts", () => {
  test("are those of its containers together", () => {
    const { requests, limits } = podAmounts({
      containers: [container("100m", "64Mi", "128Mi"), container("1", "1Gi")],
    });
    expect(requests).toEqual({ cpu: 1.1, memory: 1088 * Mi });
    expect(limits).toEqual({ cpu: 2, memory: 1152 * Mi });
  });

  test("are an init container's where it needs more than all containers", () => {
    const spec = {
      initContainers: [container("10m", "2Gi"), container("20m", "1Gi")],
      containers: [container("500m", "1Gi")],
    };
    expect(podAmounts(spec).requests).toEqual({ cpu: 0.5, memory: 2 * Gi });
  });

  test("include sidecars, also beside the init containers that start after them", () => {
    const containers = [container("100m", "64Mi")];
    expect(podAmounts({ initContainers: [sidecar("50m", "16Mi")], containers }).requests).toEqual({
      cpu: 0.15,
      memory: 80 * Mi,
    });
    const before = [container("200m", "100Mi"), sidecar("50m", "16Mi")];
    expect(podAmounts({ initContainers: before, containers }).requests).toEqual({ cpu: 0.2, memory: 100 * Mi });
    const after = [sidecar("50m", "16Mi"), container("200m", "100Mi")];
    expect(podAmounts({ initContainers: after, containers }).requests).toEqual({ cpu: 0.25, memory: 116 * Mi });
  });

  test("take the limit for a request that is missing, as the API server does", () => {
    const onlyLimits = { resources: { requests: { cpu: "10m" }, limits: { cpu: "1", memory: "64Mi" } } };
    expect(podAmounts({ containers: [onlyLimits] }).requests).toEqual({ cpu: 0.01, memory: 64 * Mi });
  });
});

describe("a Cluster", () => {
  const settings = settingsWith({
    postgresql: { implementation: "cloudnative-pg", storage: "20Gi" },
    objectStore: { bucket: "backups", credentials: { secret: "nx-object-store" } },
  });
  const store = backupStore(settings);
  if (store === undefined) throw new Error("the settings have an object store");
  const objectStore: PlannedResource = {
    type: "kubernetes:barmancloud.cnpg.io/v1:ObjectStore",
    inputs: {
      metadata: { name: "nx-postgresql", namespace: "nx-persistent" },
      spec: objectStoreSpec(store, settings.postgresql.backup, "nx-object-store"),
    },
  };
  const cluster = (archives: boolean, hibernation: "on" | "off"): PlannedResource => ({
    type: "kubernetes:postgresql.cnpg.io/v1:Cluster",
    inputs: {
      metadata: {
        ...{ name: "nx-postgresql", namespace: "nx-persistent" },
        annotations: { "cnpg.io/hibernation": hibernation },
      },
      spec: clusterSpec({
        name: "nx-postgresql",
        settings: settings.postgresql,
        image: "any",
        pool: settings.nodePools.stateful,
        storageClass: "any",
        scripts: "any",
        secrets: { superuser: "any", app: "any" },
        backup: clusterBackup({ name: "nx-postgresql" }, { archives, appSecret: "any" }),
      }),
    },
  });

  test("has the plugin's sidecar in each pod, if it archives", () => {
    const [archiving] = workloadsOf([cluster(true, "off"), objectStore]);
    const [other] = workloadsOf([cluster(false, "off"), objectStore]);
    expect(archiving).toMatchObject({ pods: 3, apart: true, storage: 60 * Gi });
    const own = settings.postgresql.backup.resources.requests;
    expect([own, other?.pod.requests, archiving?.pod.requests]).toEqual([
      { cpu: "100m", memory: "128Mi" },
      { cpu: 0.5, memory: Gi },
      { cpu: 0.6, memory: Gi + 128 * Mi },
    ]);
  });

  test("keeps its volumes without pods while it is stopped", () => {
    expect(workloadsOf([cluster(true, "on"), objectStore])).toMatchObject([{ pods: 0, storage: 60 * Gi }]);
  });
});

describe("a StatefulSet", () => {
  const claim = (name: string): PlannedResource => ({
    type: "kubernetes:core/v1:PersistentVolumeClaim",
    inputs: { metadata: { name, namespace: "nx-broker" }, spec: { resources: { requests: { storage: "5Gi" } } } },
  });
  const set = (name: string, replicas: number): PlannedResource => ({
    type: "kubernetes:apps/v1:StatefulSet",
    inputs: {
      metadata: { name, namespace: "nx-broker" },
      spec: { replicas, template: { spec: { containers: [container("100m", "64Mi")] } } },
    },
  });

  test("has the volumes of its own pods, also of those that do not run", () => {
    const claims = ["data-a-0", "data-a-1", "data-a-b-0"].map(claim);
    expect(workloadsOf([set("a", 1), set("a-b", 1), ...claims])).toMatchObject([
      { name: "a", pods: 1, storage: 10 * Gi },
      { name: "a-b", pods: 1, storage: 5 * Gi },
    ]);
  });
});

test("a kind whose pods nobody counts is an error", () => {
  const resource = { type: "kubernetes:kafka.strimzi.io/v1:KafkaBridge", inputs: { metadata: { name: "bridge" } } };
  expect(() => workloadsOf([resource])).toThrow("the pods of KafkaBridge bridge are not counted yet");
});

describe("pools", () => {
  const selector = { zone: "a", pool: "one" };
  const workload = {
    ...{ namespace: "any", name: "any", pods: 1, ends: false, surge: 0, apart: false, storage: 0 },
    pod: podAmounts({ containers: [] }),
  };
  const pools = (stateful: object, other: object): Settings["nodePools"] =>
    settingsWith({ nodePools: { stateful: { nodeSelector: stateful }, default: { nodeSelector: other } } }).nodePools;

  test("with the same labels are one, in whatever order the labels are written", () => {
    const reordered = { pool: "one", zone: "a" };
    expect(poolsOf([{ ...workload, nodeSelector: reordered }], pools(selector, reordered))).toMatchObject([
      { names: ["stateful", "default"], workloads: [{ name: "any" }] },
    ]);
  });

  test("refuse a workload that is on none of them", () => {
    const elsewhere = { ...workload, nodeSelector: { pool: "one" } };
    expect(() => poolsOf([elsewhere], pools(selector, {}))).toThrow("any runs on no pool of the settings");
  });

  test("have the workloads that select their nodes", () => {
    const found = poolsOf([{ ...workload, nodeSelector: selector }], pools(selector, {}));
    expect(found.map(({ names, workloads }) => [names, workloads.length])).toEqual([
      [["stateful"], 1],
      [["default"], 0],
    ]);
  });
});
