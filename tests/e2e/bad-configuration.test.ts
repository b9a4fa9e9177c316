import { configure, copyOfConfiguration, tryPulumi, unset } from "./stack.ts";

const tooLong = "a".repeat(300);

describe("an invalid configuration", () => {
  let output: string;

  beforeAll(async () => {
    const invalid = copyOfConfiguration("invalid");
    await configure("postgresql.storage", "20Gb", invalid);
    await configure("postgresql.stroage", "30Gi", invalid);
    await configure("pgbouncer.maxClientConnections", "many", invalid);
    await configure("cluster.storageClass", tooLong, invalid);
    await configure("redis.masters", "2", invalid);
    await configure("kafka.topics.orders.partitions", "3", invalid);
    await configure("kafka.topics.orders.replicationFactor", "4", invalid);
    await configure("typesense.replicas", "2", invalid);
    await configure("debezium.topicPrefix", "a b", invalid);
    await configure("nodePools", "nope", invalid);
    await unset("cluster.context", invalid);
    const { code, stdout, stderr } = await tryPulumi(["preview"], invalid);
    expect(code).not.toBe(0);
    output = stdout + stderr;
  });

  test.each([
    { mistake: "an invalid quantity", key: "postgresql.storage", value: "20Gb", remedy: "set" },
    { mistake: "an unknown key", key: "postgresql.stroage", value: "30Gi", remedy: "rm" },
    { mistake: "a wrong type", key: "pgbouncer.maxClientConnections", value: "many", remedy: "set" },
    { mistake: "a name that is too long", key: "cluster.storageClass", value: "aaaa", remedy: "set" },
    { mistake: "an unknown section", key: "nodePools", value: "nope", remedy: "rm" },
    { mistake: "too few nodes", key: "redis.masters", value: "2", remedy: "set" },
    { mistake: "more replicas than brokers", key: "kafka.topics.orders.replicationFactor", value: "4", remedy: "set" },
    { mistake: "an even number of nodes", key: "typesense.replicas", value: "2", remedy: "set" },
    { mistake: "an invalid topic prefix", key: "debezium.topicPrefix", value: "a b", remedy: "set" },
    { mistake: "a missing value", key: "cluster.context", value: "required", remedy: "set" },
  ])("makes preview fail and report $mistake with its key, value and fix", ({ key, value, remedy }) => {
    const line = output.split("\n").find((text) => text.includes(`bana-data-layer:${key}:`));
    expect(line).toContain(value);
    expect(line).toContain(`pulumi config ${remedy} --path bana-data-layer:${key}`);
  });
});
