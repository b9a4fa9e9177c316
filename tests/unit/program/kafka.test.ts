import { describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import path from "node:path";
import {
  bootstrapServers,
  brokerPod,
  commonProperties,
  refuseTopicChanges,
  topicFiles,
  topicsPod,
  usersPod,
} from "../../../components/kafka/statefulset/pods.ts";
import { userSecret } from "../../../components/kafka/user.ts";
import { restrictedJobPod, restrictedPod } from "../../../components/pod.ts";
import { InvalidSettings, readSettings } from "../../../settings.ts";
import type { KafkaSettings } from "../../../settings.ts";
import { shortcomings } from "../golden/invariants.ts";

const given = (kafka: unknown) =>
  readSettings("layer", { "layer:cluster": '{"context":"c"}', "layer:kafka": JSON.stringify(kafka) }).kafka;

function problemOf(kafka: unknown): string {
  try {
    given(kafka);
  } catch (error) {
    if (error instanceof InvalidSettings) return error.problems.join("\n");
    throw error;
  }
  return "";
}

type Pod = Parameters<typeof shortcomings>[0];

const host = (node: number) => `nx-kafka-${String(node)}.nx-kafka-headless.nx-broker.svc.cluster.local`;
const podArgs = (settings: KafkaSettings) => ({
  settings,
  image: "apache/kafka:4.1.1",
  pool: { nodeSelector: {}, tolerations: [] },
  checksums: {},
});

describe("server.properties", () => {
  const template = readFileSync(
    path.resolve(import.meta.dirname, "../../../components/kafka/statefulset/server.properties"),
    "utf8",
  );
  const properties = (settings: unknown) =>
    Object.fromEntries(
      commonProperties(template, given(settings))
        .split("\n")
        .flatMap((line) => {
          const [, key, value] = /^([^#=]+)=(.*)$/.exec(line) ?? [];
          return key === undefined ? [] : [[key, value]];
        }),
    );

  test("has the specification's values", () => {
    expect(properties({})).toMatchObject({
      "offsets.topic.replication.factor": "3",
      "transaction.state.log.replication.factor": "3",
      "transaction.state.log.min.isr": "2",
      "default.replication.factor": "3",
      "min.insync.replicas": "2",
      "num.partitions": "3",
      "log.retention.hours": "168",
      "log.retention.bytes": "1073741824",
      "log.segment.bytes": "1073741824",
      "auto.create.topics.enable": "false",
    });
  });

  test("has the same three voters for any number of brokers", () => {
    const voters = [0, 1, 2].map((node) => `${String(node)}@${host(node)}:9093`).join(",");
    expect(properties({})).toMatchObject({ "controller.quorum.voters": voters });
    expect(properties({ brokers: 5 })).toMatchObject({ "controller.quorum.voters": voters });
  });

  test("has the configured values", () => {
    expect(properties({ retentionHours: 1, retentionBytes: "3Mi", segmentBytes: "2Mi", partitions: 7 })).toMatchObject({
      "num.partitions": "7",
      "log.retention.hours": "1",
      "log.retention.bytes": "3145728",
      "log.segment.bytes": "2097152",
    });
  });

  test("accepts the largest message, and a request that contains it", () => {
    expect(properties({})).toMatchObject({
      "message.max.bytes": String(33 * 2 ** 20),
      "socket.request.max.bytes": String(100 * 2 ** 20),
    });
    const large = properties({ maxMessageBytes: "200Mi" });
    expect(Number(large["socket.request.max.bytes"])).toBeGreaterThan(Number(large["message.max.bytes"]));
  });
});

describe("pods", () => {
  test("satisfy restricted Pod Security and the project's own rules", () => {
    const settings = given({ topics: { a: { partitions: 1 } } });
    expect(shortcomings(restrictedPod(brokerPod(podArgs(settings))) as Pod)).toEqual([]);
    for (const pod of [usersPod(podArgs(settings)), topicsPod(podArgs(settings))]) {
      expect(shortcomings(restrictedJobPod(pod) as Pod)).toEqual([]);
    }
  });

  test("have the configured heap and start the server directly", () => {
    const { command, env } = brokerPod(podArgs(given({ heap: "512Mi" }))).container;
    expect(env).toMatchObject({ KAFKA_HEAP_OPTS: "-Xmx512m -Xms512m" });
    expect(command).toEqual(["/opt/kafka/bin/kafka-server-start.sh", "/config/server.properties"]);
  });

  test("are all listed in the bootstrap servers", () => {
    expect(bootstrapServers(given({}))).toBe([0, 1, 2].map((node) => `${host(node)}:9092`).join(","));
    expect(bootstrapServers(given({ brokers: 4 })).split(",")).toHaveLength(4);
  });
});

test("a user's Secret has a valid Kubernetes name for any stack name", () => {
  expect(userSecret("nx.staging")).toBe("nx-kafka-user-nx.staging");
  expect(userSecret("nx.My_Stack")).toBe("nx-kafka-user-nx.my-stack");
});

describe("topics", () => {
  const topics = given({
    topics: {
      b: { partitions: 2, replicationFactor: 1 },
      a: { partitions: 1, config: { "retention.ms": 5, preallocate: true } },
    },
  }).topics;

  test("are sorted in the files for their Job", () => {
    expect(topicFiles(topics)).toEqual({
      topics: "a 1 3\nb 2 1\n",
      "a.properties": "preallocate=true\nretention.ms=5\n",
      "b.properties": "",
    });
  });

  test("can be added, removed and given more partitions", () => {
    refuseTopicChanges("a 1 3\nb 2 1\n", "a 5 3\nc 1 1\n");
    refuseTopicChanges("", "a 1 3\n");
    refuseTopicChanges("a 1 3\n", "");
  });

  test("cannot be given fewer partitions or another replication factor", () => {
    const change = () => refuseTopicChanges("a.b 2 3\nc 1 3\n", "a.b 1 3\nc 1 2\n");
    expect(change).toThrow(
      "topic a.b has 2 partitions and cannot be reduced to 1: keys would move to other partitions. " +
        "Run `pulumi config set --path 'bana-data-layer:kafka.topics[\"a.b\"].partitions' 2`",
    );
    expect(change).toThrow("topic c has replication factor 3; changing it to 2 is not supported");
  });
});

describe("an invalid setting is reported with its fix", () => {
  test.each([
    [
      { brokers: 2 },
      "layer:kafka.brokers: 2 is below the minimum of 3. Fix it with `pulumi config set --path layer:kafka.brokers 3`",
    ],
    [
      { heap: "1800Mi" },
      "is more than three quarters of the memory limit (2Gi). Fix it with `pulumi config set --path layer:kafka.heap 1024Mi`",
    ],
    [{ heap: "64Mi" }, "is below the minimum of 128Mi"],
    [{ segmentBytes: "2Gi" }, "is above the maximum of 2047Mi"],
    [
      { maxMessageBytes: "1Mi" },
      "is too small for events of debezium.maxEventSize (32Mi): the brokers would refuse them, and all tables' events " +
        "would stop. They need 33Mi. Fix it with `pulumi config set --path layer:kafka.maxMessageBytes 33Mi`",
    ],
    [
      { topics: { "nx_seller_core.sale.orders": { partitions: 1, config: { "max.message.bytes": 1048588 } } } },
      "is too small for events of debezium.maxEventSize (32Mi), which Debezium writes to this topic. Fix it with " +
        '`pulumi config set --path \'layer:kafka.topics["nx_seller_core.sale.orders"].config["max.message.bytes"]\' 34603008`',
    ],
    [{ segmentBytes: "1gb" }, "is not a Kubernetes quantity (did you mean 1Gi?)"],
    [{ users: { "nx.other": {} } }, "its key starts with `nx.`, which is reserved for the data layer's users"],
    [{ users: { Big: {} } }, "its key is not a user name"],
    [{ users: { a: { password: "x" } } }, "unknown setting"],
    [{ topics: { "a b": { partitions: 1 } } }, "its key is not a topic name"],
    [{ topics: { __x: { partitions: 1 } } }, "its key starts with `__`, which is reserved for Kafka's internal topics"],
    [{ topics: { a: {} } }, "layer:kafka.topics.a.partitions: a value is required"],
    [{ topics: { a: { partitions: 1, replicationFactor: 4 } } }, "exceeds the number of brokers, 3"],
    [
      { topics: { a: { partitions: 1, config: { "retention.m": 1 } } } },
      "is not a topic configuration (did you mean retention.ms?)",
    ],
    [{ topics: { a: { partitions: 1, config: { "retention.ms": "1 h" } } } }, "contains whitespace"],
  ])("%j", (kafka, message) => {
    expect(problemOf(kafka)).toContain(message);
  });
});
