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

  test("are the specification's", () => {
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
    expect(settings.images).toEqual({
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

  test("protect what holds data", () => {
    expect(settings.cluster.protect).toBe(true);
  });
});

describe("a part of a structured setting", () => {
  test("leaves the rest at its defaults", () => {
    const { postgresql } = read({ cluster, postgresql: { primary: { limits: { cpu: "4" } } } });
    expect(postgresql.primary.limits).toEqual({ cpu: "4", memory: "4Gi" });
    expect(postgresql.storage).toBe("20Gi");
  });

  test("may be a number where YAML has no other way to say it", () => {
    expect(read({ cluster, postgresql: { primary: { limits: { cpu: 3 } } } }).postgresql.primary.limits.cpu).toBe("3");
  });

  test("of another project is none of ours", () => {
    expect(() => readSettings("layer", { "layer:cluster": '{"context":"x"}', "other:thing": "1" })).not.toThrow();
  });
});

describe("wrong settings", () => {
  test("are told all at once, each with key, value and mend", () => {
    const problems = problemsOf({
      clustr: {},
      cluster: { protect: "maybe" },
      postgresql: { storage: "20Gb", maxConnections: "many", primary: 7, passwordVersion: { repl_usr: 2 } },
    });
    expect(problems).toEqual([
      "layer:cluster.context: a value is required and there is none. Set it with `pulumi config set --path layer:cluster.context CONTEXT`",
      'layer:cluster.protect: "maybe" is not a boolean. Mend it with `pulumi config set --path layer:cluster.protect true`',
      'layer:postgresql.storage: "20Gb" is not a Kubernetes quantity (did you mean 20Gi?). Mend it with `pulumi config set --path layer:postgresql.storage 20Gi`',
      'layer:postgresql.maxConnections: "many" is not a number. Mend it with `pulumi config set --path layer:postgresql.maxConnections 100`',
      "layer:postgresql.primary: 7 is not an object. Remove it with `pulumi config rm --path layer:postgresql.primary` and set what belongs under it",
      "layer:postgresql.passwordVersion.repl_usr: there is no such setting (did you mean repl_user?). Its value is 2. Remove it with `pulumi config rm --path layer:postgresql.passwordVersion.repl_usr`",
      "layer:clustr: there is no such setting (did you mean cluster?). Its value is {}. Remove it with `pulumi config rm --path layer:clustr`",
    ]);
  });

  test.each([
    [
      "a name that is too long",
      { cluster: { ...cluster, storageClass: "a".repeat(254) } },
      /254 characters, at most 253/,
    ],
    [
      "a name with other signs",
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
    ["an image without a version", { images: { postgresql: "registry:5000/postgres" } }, /names no version/],
    ["an image that moves", { images: { postgresql: "postgres:latest" } }, /names no version/],
    ["no image at all", { images: { postgresql: "not an image" } }, /is not an image reference/],
    [
      "a request above its limit",
      { postgresql: { replica: { requests: { memory: "3Gi" } } } },
      /"3Gi" is more than the limit of 2Gi/,
    ],
    [
      "buffers without memory",
      { postgresql: { sharedBuffers: "2GB" } },
      /more than half of the replica's memory limit/,
    ],
    [
      "WAL that fills the disk",
      { postgresql: { storage: "10Gi" } },
      /"8GB" is more than half of postgresql.storage \(10Gi\).* 5120MB`/,
    ],
    [
      "Redis data without memory",
      { redis: { maxmemory: "400mb" } },
      /"400mb" is more than three quarters of the memory limit \(512Mi\).* 384mb`/,
    ],
    [
      "a size of another kind",
      { redis: { maxmemory: "256Mi" } },
      /not a size as Redis writes it \(did you mean 256mb\?\)/,
    ],
    ["a cluster without a majority", { redis: { masters: 2 } }, /2 is below the least allowed, 3/],
    ["no storage", { postgresql: { storage: "0Gi" } }, /has to be more than nothing/],
    ["a fraction", { pgbouncer: { replicas: 1.5 } }, /1.5 is not a whole number/],
    ["too few", { pgbouncer: { replicas: 0 } }, /0 is below the least allowed, 1/],
    ["too many", { pgbouncer: { replicas: 51 } }, /51 is above the most allowed, 50/],
    [
      "an unknown effect",
      { nodePools: { stateful: { tolerations: [{ effect: "No" }] } } },
      /tolerations\[0\].effect: "No" is none of NoSchedule/,
    ],
    ["a Redis Cluster without a majority", { redis: { masters: 2 } }, /redis.masters: 2 is below the least allowed, 3/],
    ["a Redis that is killed when full", { redis: { maxmemory: "500mb" } }, /"500mb" is more than three quarters/],
    ["too many copies in Redis", { redis: { replicasPerMaster: 6 } }, /6 is above the most allowed, 5/],
    ["volumes of Redis in no unit", { redis: { storage: "5GB" } }, /redis.storage: "5GB" .*did you mean 5Gi/],
    ["a password before the first one", { redis: { passwordVersion: 0 } }, /0 is below the least allowed, 1/],
    ["brokers without a majority", { kafka: { brokers: 2 } }, /kafka.brokers: 2 is below the least allowed, 3/],
    ["a heap that fills a broker", { kafka: { heap: "2Gi" } }, /kafka.heap: "2Gi" is more than three quarters/],
    [
      "more copies than brokers",
      { kafka: { topics: { orders: { partitions: 3, replicationFactor: 4 } } } },
      /topics.orders.replicationFactor: 4 is more than there are brokers, 3/,
    ],
    ["a user with a reserved name", { kafka: { users: { "nx.other": {} } } }, /begins with `nx.`/],
    ["volumes of Kafka in no unit", { kafka: { storage: "10GB" } }, /kafka.storage: "10GB" .*did you mean 10Gi/],
    ["an even number of nodes", { typesense: { replicas: 2 } }, /typesense.replicas: 2 is even.* 3`/],
    ["volumes of Typesense in no unit", { typesense: { storage: "5 gb" } }, /"5 gb" .*did you mean 5Gi/],
    ["nothing to capture", { debezium: { capture: [] } }, /debezium.capture/],
    ["a table that cannot be", { debezium: { capture: ["a.b.c"] } }, /is neither a SCHEMA nor a SCHEMA.TABLE/],
    ["topics that cannot be", { debezium: { topicPrefix: "a b" } }, /is not the beginning of a topic's name/],
    ["a heap that fills the pod", { debezium: { heap: "2Gi" } }, /debezium.heap: "2Gi" is more than three quarters/],
  ])("%s is refused", (_, settings, message) => {
    expect(problemsOf({ cluster, ...settings })).toEqual(expect.arrayContaining([expect.stringMatching(message)]));
  });

  test("never end in anything but an explanation", () => {
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
