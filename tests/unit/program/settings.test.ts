import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { InvalidSettings, readSettings } from "../../../settings.ts";

const read = (settings: Readonly<Record<string, unknown>>) =>
  readSettings(
    "layer",
    Object.fromEntries(
      Object.entries(settings).map(([key, value]) => [
        `layer:${key}`,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    ),
  );

const cluster = { context: "somewhere" };

function problemsOf(settings: Readonly<Record<string, unknown>>): readonly string[] {
  try {
    read(settings);
  } catch (error) {
    if (error instanceof InvalidSettings) return error.problems;
    throw error;
  }
  return [];
}

describe("defaults", () => {
  const settings = read({ cluster });

  test("match the specification", () => {
    expect(settings.postgresql).toMatchObject({
      storage: "20Gi",
      maxConnections: 100,
      primary: { requests: { cpu: "500m", memory: "1Gi" }, limits: { cpu: "2", memory: "4Gi" } },
      replica: { requests: { cpu: "250m", memory: "512Mi" }, limits: { cpu: "1", memory: "2Gi" } },
    });
    expect(settings.pgbouncer).toMatchObject({
      replicas: 1,
      maxClientConnections: 200,
      defaultPoolSize: 20,
      minPoolSize: 5,
    });
    expect(settings.images).toMatchObject({
      postgresql: "postgres:17-alpine",
      pgbouncer: "ghcr.io/icoretech/pgbouncer-docker:1.24.1",
      redis: "redis:7-alpine",
      kafka: "apache/kafka:4.1.1",
      typesense: "typesense/typesense:27.1",
      debezium: "debezium/connect:3.0.0.Final",
    });
    expect(settings.nodePools.stateful.nodeSelector).toEqual({ "node.kubernetes.io/pool": "stateful" });
    expect(settings.cluster.storageClass).toBe("csi-sc-vnpaycloud");
  });

  test("protect namespaces and volumes", () => {
    expect(settings.cluster.protect).toBe(true);
  });
});

describe("part of a structured setting", () => {
  test("keeps the defaults of the rest", () => {
    const { postgresql } = read({ cluster, postgresql: { primary: { limits: { cpu: "4" } } } });
    expect(postgresql.primary.limits).toEqual({ cpu: "4", memory: "4Gi" });
    expect(postgresql.storage).toBe("20Gi");
  });

  test("can be a number where YAML reads one", () => {
    expect(read({ cluster, postgresql: { primary: { limits: { cpu: 3 } } } }).postgresql.primary.limits.cpu).toBe("3");
  });

  test("is ignored if it belongs to another project", () => {
    expect(() => readSettings("layer", { "layer:cluster": '{"context":"x"}', "other:thing": "1" })).not.toThrow();
  });
});

describe("invalid settings", () => {
  test("are all reported together, each with key, value and fix", () => {
    const problems = problemsOf({
      clustr: {},
      cluster: { protect: "maybe" },
      postgresql: { storage: "20Gb", maxConnections: "many", primary: 7, passwordVersion: { repl_usr: 2 } },
    });
    expect(problems).toEqual([
      "layer:cluster.context: a value is required. Set it with `pulumi config set --path layer:cluster.context CONTEXT`",
      'layer:cluster.protect: "maybe" is not a boolean. Fix it with `pulumi config set --path layer:cluster.protect true`',
      'layer:postgresql.storage: "20Gb" is not a Kubernetes quantity (did you mean 20Gi?). Fix it with `pulumi config set --path layer:postgresql.storage 20Gi`',
      'layer:postgresql.maxConnections: "many" is not a number. Fix it with `pulumi config set --path layer:postgresql.maxConnections 100`',
      "layer:postgresql.primary: 7 is not an object. Remove it with `pulumi config rm --path layer:postgresql.primary` and set its nested keys",
      "layer:postgresql.passwordVersion.repl_usr: unknown setting (did you mean repl_user?). Its value is 2. Remove it with `pulumi config rm --path layer:postgresql.passwordVersion.repl_usr`",
      "layer:clustr: unknown setting (did you mean cluster?). Its value is {}. Remove it with `pulumi config rm --path layer:clustr`",
    ]);
  });

  test.each([
    [
      "a name that is too long",
      { cluster: { ...cluster, storageClass: "a".repeat(254) } },
      /254 characters, at most 253/,
    ],
    [
      "a name with invalid characters",
      { cluster: { ...cluster, storageClass: "Fast_Disk" } },
      /"Fast_Disk" is not a Kubernetes name/,
    ],
    [
      "a label that is too long",
      { nodePools: { stateful: { nodeSelector: { pool: "x".repeat(64) } } } },
      /64 characters, at most 63/,
    ],
    [
      "a label key with two prefixes",
      { nodePools: { stateful: { nodeSelector: { "a/b/c": "x" } } } },
      /is not a label key/,
    ],
    ["an image without a version", { images: { postgresql: "registry:5000/postgres" } }, /is not pinned to a version/],
    ["an image with the tag latest", { images: { postgresql: "postgres:latest" } }, /is not pinned to a version/],
    ["an invalid image reference", { images: { postgresql: "not an image" } }, /is not an image reference/],
    [
      "a request above its limit",
      { postgresql: { replica: { requests: { memory: "3Gi" } } } },
      /"3Gi" exceeds the limit of 2Gi/,
    ],
    [
      "shared buffers above half of the memory limit",
      { postgresql: { sharedBuffers: "2GB" } },
      /more than half of the replica's memory limit/,
    ],
    [
      "retained WAL above half of the volume",
      { postgresql: { storage: "10Gi" } },
      /"8GB" is more than half of postgresql.storage \(10Gi\).* 5120MB`/,
    ],
    [
      "maxmemory above three quarters of the memory limit",
      { redis: { maxmemory: "400mb" } },
      /"400mb" is more than three quarters of the memory limit \(512Mi\).* 384mb`/,
    ],
    [
      "a Kubernetes quantity for a Redis size",
      { redis: { maxmemory: "256Mi" } },
      /not a size in Redis format \(did you mean 256mb\?\)/,
    ],
    ["a volume without size", { postgresql: { storage: "0Gi" } }, /must be greater than zero/],
    ["a fraction", { pgbouncer: { replicas: 1.5 } }, /1.5 is not a whole number/],
    ["zero replicas", { pgbouncer: { replicas: 0 } }, /0 is below the minimum of 1/],
    [
      "a pooler with more connections than the server",
      { pgbouncer: { replicas: 3 } },
      /maxConnections: 100 is below 145: each of 3 pooler pods can open 45 .* 145`/,
    ],
    [
      "a session pool that takes the server's connections",
      { pgbouncer: { sessionPoolSize: 60 } },
      /maxConnections: 100 is below 105: the pooler's pod can open 95 .* 105`/,
    ],
    [
      "an idle transaction that others cannot wait for",
      { pgbouncer: { idleTransactionTimeout: 120 } },
      /idleTransactionTimeout: 120 is not shorter than pgbouncer.queryWaitTimeout \(120\).* 60`/,
    ],
    ["too many replicas", { pgbouncer: { replicas: 51 } }, /51 is above the maximum of 50/],
    [
      "an unknown effect",
      { nodePools: { stateful: { tolerations: [{ effect: "No" }] } } },
      /tolerations\[0\].effect: "No" is not one of NoSchedule/,
    ],
    ["a Redis Cluster without a majority", { redis: { masters: 2 } }, /redis.masters: 2 is below the minimum of 3/],
    ["a Redis that could be OOM-killed", { redis: { maxmemory: "500mb" } }, /"500mb" is more than three quarters/],
    ["too many replicas per master", { redis: { replicasPerMaster: 6 } }, /6 is above the maximum of 5/],
    [
      "a Redis that could never accept writes",
      { redis: { replicasPerMaster: 1, minReplicasToWrite: 2 } },
      /redis.minReplicasToWrite: 2 is more than redis.replicasPerMaster \(1\).* 1`/,
    ],
    ["a Redis volume in an invalid unit", { redis: { storage: "5GB" } }, /redis.storage: "5GB" .*did you mean 5Gi/],
    ["password version 0", { redis: { passwordVersion: 0 } }, /0 is below the minimum of 1/],
    ["too few brokers", { kafka: { brokers: 2 } }, /kafka.brokers: 2 is below the minimum of 3/],
    ["a broker heap too large", { kafka: { heap: "2Gi" } }, /kafka.heap: "2Gi" is more than three quarters/],
    [
      "a replication factor above the number of brokers",
      { kafka: { topics: { orders: { partitions: 3, replicationFactor: 4 } } } },
      /topics.orders.replicationFactor: 4 exceeds the number of brokers, 3/,
    ],
    ["a user with a reserved name", { kafka: { users: { "nx.other": {} } } }, /starts with `nx.`/],
    ["a Kafka volume in an invalid unit", { kafka: { storage: "10GB" } }, /kafka.storage: "10GB" .*did you mean 10Gi/],
    ["an even number of nodes", { typesense: { replicas: 2 } }, /typesense.replicas: 2 is even.* 3`/],
    ["a Typesense volume in an invalid unit", { typesense: { storage: "5 gb" } }, /"5 gb" .*did you mean 5Gi/],
    ["no schema to capture", { debezium: { capture: [] } }, /debezium.capture/],
    ["an invalid table name", { debezium: { capture: ["a.b.c"] } }, /is neither SCHEMA nor SCHEMA.TABLE/],
    ["an invalid topic prefix", { debezium: { topicPrefix: "a b" } }, /is not a topic prefix/],
    [
      "events that the brokers would refuse",
      { debezium: { maxEventSize: "34Mi" } },
      /kafka.maxMessageBytes: "33Mi" is too small for events of debezium.maxEventSize \(34Mi\).* layer:kafka.maxMessageBytes 35Mi`/,
    ],
    [
      "a worker heap too small for its events",
      { debezium: { heap: "256Mi" } },
      /debezium.heap: "256Mi" is too small for events of debezium.maxEventSize \(32Mi\): they need 608Mi.* 608Mi`/,
    ],
    [
      "events too large for the worker's memory",
      { debezium: { maxEventSize: "512Mi" } },
      /debezium.maxEventSize: "512Mi" needs a heap of 8288Mi, more than three quarters of the memory limit \(2Gi\).* 34Mi`/,
    ],
    [
      "the primary of a cluster whose operator chooses it",
      { postgresql: { implementation: "cloudnative-pg", primaryServer: "nx-postgresql-replica" } },
      /primaryServer: "nx-postgresql-replica" has no meaning with .* cloudnative-pg: .*config rm --path layer:postgresql.primaryServer/,
    ],
    [
      "resources of a replica that can become the primary",
      { postgresql: { implementation: "cloudnative-pg", replica: { limits: { memory: "3Gi" } } } },
      /postgresql.replica: .* has no meaning with .*config rm --path layer:postgresql.replica/,
    ],
    [
      "the password of a role that logs in with a certificate",
      { postgresql: { implementation: "cloudnative-pg", passwordVersion: { repl_user: 2 } } },
      /passwordVersion.repl_user: 2 has no meaning with/,
    ],
    [
      "a third server without an operator",
      { postgresql: { instances: 2 } },
      /postgresql.instances: 2 has no meaning with postgresql.implementation statefulset: there are always two servers/,
    ],
    [
      "more synchronous replicas than may fail",
      { postgresql: { implementation: "cloudnative-pg", synchronousReplicas: 2 } },
      /synchronousReplicas: 2 is too many for postgresql.instances \(3\): .* It needs 4 servers. .* 1`/,
    ],
    ["a worker heap too large", { debezium: { heap: "2Gi" } }, /debezium.heap: "2Gi" is more than three quarters/],
  ])("%s is refused", (_, settings, message) => {
    expect(problemsOf({ cluster, ...settings })).toEqual(expect.arrayContaining([expect.stringMatching(message)]));
  });

  test("are always reported with a command that fixes them", () => {
    const keys = [
      "cluster",
      "nodePools",
      "images",
      "postgresql",
      "pgbouncer",
      "redis",
      "kafka",
      "typesense",
      "debezium",
      "other",
    ] as const;
    const anything = fc.record(Object.fromEntries(keys.map((key) => [key, fc.jsonValue()])), { requiredKeys: [] });
    fc.assert(
      fc.property(anything, (settings) => {
        for (const problem of problemsOf(settings))
          expect(problem).toMatch(/^layer:.*`pulumi config (set|rm) --path .*layer:/s);
      }),
    );
  });
});
