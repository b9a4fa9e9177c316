import { configure, copyOfConfiguration, tryPulumi, unset } from "./stack.ts";

const tooLong = "a".repeat(300);

describe("a configuration full of mistakes", () => {
  let said: string;

  beforeAll(async () => {
    const spoilt = copyOfConfiguration("spoilt");
    await configure("postgresql.storage", "20Gb", spoilt);
    await configure("postgresql.stroage", "30Gi", spoilt);
    await configure("pgbouncer.maxClientConnections", "many", spoilt);
    await configure("cluster.storageClass", tooLong, spoilt);
    await configure("redis.masters", "2", spoilt);
    await configure("kafka.topics.orders.partitions", "3", spoilt);
    await configure("kafka.topics.orders.replicationFactor", "4", spoilt);
    await configure("typesense.replicas", "2", spoilt);
    await configure("debezium.topicPrefix", "a b", spoilt);
    await configure("nodePools", "nope", spoilt);
    await unset("cluster.context", spoilt);
    const { code, stdout, stderr } = await tryPulumi(["preview"], spoilt);
    expect(code).not.toBe(0);
    said = stdout + stderr;
  });

  test.each([
    { mistake: "a size that is no quantity", key: "postgresql.storage", value: "20Gb", remedy: "set" },
    { mistake: "an unknown key", key: "postgresql.stroage", value: "30Gi", remedy: "rm" },
    { mistake: "a wrong type", key: "pgbouncer.maxClientConnections", value: "many", remedy: "set" },
    { mistake: "a name that is too long", key: "cluster.storageClass", value: "aaaa", remedy: "set" },
    { mistake: "a section that is none", key: "nodePools", value: "nope", remedy: "rm" },
    { mistake: "too few nodes", key: "redis.masters", value: "2", remedy: "set" },
    { mistake: "more copies than brokers", key: "kafka.topics.orders.replicationFactor", value: "4", remedy: "set" },
    { mistake: "an even number of nodes", key: "typesense.replicas", value: "2", remedy: "set" },
    { mistake: "a prefix that no topic can have", key: "debezium.topicPrefix", value: "a b", remedy: "set" },
    { mistake: "a missing value", key: "cluster.context", value: "required", remedy: "set" },
  ])("fails in preview, naming $mistake with its key, value and remedy", ({ key, value, remedy }) => {
    const line = said.split("\n").find((text) => text.includes(`bana-data-layer:${key}:`));
    expect(line).toContain(value);
    expect(line).toContain(`pulumi config ${remedy} --path bana-data-layer:${key}`);
  });
});
