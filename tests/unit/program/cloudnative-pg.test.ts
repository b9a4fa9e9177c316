import { describe, expect, test } from "@jest/globals";
import { clusterSpec } from "../../../components/postgresql/cloudnative-pg/cluster.ts";
import { refuseSmallerVolumes } from "../../../components/postgresql/cloudnative-pg/guard.ts";
import { poolerSpec } from "../../../components/postgresql/cloudnative-pg/pooler.ts";
import { pendingWork } from "../../../components/postgresql/cloudnative-pg/settled.ts";
import { refuseOtherImplementation } from "../../../components/implementation-marker.ts";
import { readSettings } from "../../../settings.ts";

const settings = (postgresql: object = {}) =>
  readSettings("layer", {
    "layer:cluster": JSON.stringify({ context: "somewhere" }),
    "layer:postgresql": JSON.stringify({ implementation: "cloudnative-pg", backup: { enabled: false }, ...postgresql }),
  });

const specWith = (postgresql: object = {}) => {
  const { postgresql: given, nodePools } = settings(postgresql);
  return clusterSpec({
    name: "nx-postgresql",
    settings: given,
    image: "postgresql:17",
    pool: nodePools.stateful,
    storageClass: "fast",
    scripts: "scripts",
    secrets: { superuser: "superuser", app: "app" },
  });
};

describe("the Cluster", () => {
  test("gives PostgreSQL's parameters as text, the only form that the operator accepts", () => {
    const { parameters } = specWith().postgresql;
    expect(parameters).toMatchObject({ max_connections: "100", random_page_cost: "1.1", timezone: "Asia/Ho_Chi_Minh" });
    expect(Object.values(parameters).filter((value) => typeof value !== "string")).toEqual([]);
  });

  test("acknowledges commits that one of two replicas has, and promotes only a replica that has all of them", () => {
    expect(specWith().postgresql.synchronous).toEqual({
      method: "any",
      number: 1,
      dataDurability: "required",
      failoverQuorum: true,
    });
    expect(specWith({ synchronousReplicas: 0 }).postgresql.synchronous).toBeUndefined();
  });

  test("is made from a backup if it is given one", () => {
    const { postgresql, nodePools } = settings();
    const bootstrap = { recovery: { source: "old", database: "db", owner: "app", secret: { name: "app" } } };
    const spec = clusterSpec({
      ...{ name: "new", settings: postgresql, image: "postgresql:17", pool: nodePools.stateful, storageClass: "fast" },
      ...{ scripts: "scripts", secrets: { superuser: "superuser", app: "app" }, backup: { bootstrap } },
    });
    expect(spec.bootstrap).toEqual(bootstrap);
  });
});

test("poolers in session mode keep a server connection for each client, up to their own limit", () => {
  const { pgbouncer, nodePools } = settings();
  const common = { name: "p", cluster: "c", settings: pgbouncer, image: "i:1", pool: nodePools.stateful, scripts: "s" };
  const parametersIn = (poolMode: "transaction" | "session") =>
    poolerSpec({ ...common, poolMode }).pgbouncer.parameters;
  expect(parametersIn("session")).toMatchObject({ default_pool_size: "10", max_db_connections: "10" });
  expect(parametersIn("transaction")).toMatchObject({ default_pool_size: "20", max_user_connections: "30" });
});

describe("refused", () => {
  const sized = (size: string) => ({ spec: specWith({ storage: size }) });

  test("are smaller volumes, and larger ones are not", () => {
    expect(() => {
      refuseSmallerVolumes("nx-postgresql", sized("30Gi"), sized("20Gi"));
    }).toThrow("30Gi and cannot shrink to 20Gi");
    expect(() => {
      refuseSmallerVolumes("nx-postgresql", sized("20Gi"), sized("30Gi"));
    }).not.toThrow();
  });

  test("is another implementation, and the first one is not", () => {
    const marked = (implementation: string) => ({ data: { implementation } });
    expect(() => {
      refuseOtherImplementation("postgresql", marked("statefulset"), marked("cloudnative-pg"));
    }).toThrow("postgresql runs on statefulset");
    expect(() => {
      refuseOtherImplementation("postgresql", {}, marked("cloudnative-pg"));
    }).not.toThrow();
  });
});

test.each([
  ["Upgrading cluster", 3, "Upgrading cluster"],
  ["Cluster in healthy state", 2, "2 of 3 servers are ready"],
  ["Cluster in healthy state", 3, undefined],
])("a cluster in phase %s with %d servers has this to do: %s", (phase, readyInstances, pending) => {
  expect(pendingWork({ spec: { instances: 3 }, status: { phase, readyInstances } })).toBe(pending);
});
