import * as z from "zod";
import { byteSize, count, quantity } from "./fields.ts";
import { kafkaAccess, kafkaStrimzi } from "./kafka-strimzi.ts";
import { passwordVersion } from "./passwords.ts";
import { heapFitsMemoryLimit, resources } from "./resources.ts";
import { nearest } from "./suggest.ts";

/** Topic configurations of Kafka 4.1 ("Topic Configs" in its documentation), without those for remote storage. */
const topicConfiguration = [
  "cleanup.policy",
  "compression.gzip.level",
  "compression.lz4.level",
  "compression.type",
  "compression.zstd.level",
  "delete.retention.ms",
  "file.delete.delay.ms",
  "flush.messages",
  "flush.ms",
  "follower.replication.throttled.replicas",
  "index.interval.bytes",
  "leader.replication.throttled.replicas",
  "max.compaction.lag.ms",
  "max.message.bytes",
  "message.timestamp.after.max.ms",
  "message.timestamp.before.max.ms",
  "message.timestamp.type",
  "min.cleanable.dirty.ratio",
  "min.compaction.lag.ms",
  "min.insync.replicas",
  "preallocate",
  "retention.bytes",
  "retention.ms",
  "segment.bytes",
  "segment.index.bytes",
  "segment.jitter.ms",
  "segment.ms",
  "unclean.leader.election.enable",
];

const topicConfigurationKey = z.string().superRefine((key, context) => {
  if (topicConfiguration.includes(key)) return;
  const similar = nearest(key, topicConfiguration);
  context.addIssue({
    code: "custom",
    message: `is not a topic configuration${similar ? ` (did you mean ${similar}?)` : ""}`,
  });
});

const topicConfigurationValue = z
  .union([z.string().regex(/^\S+$/, "is empty or contains whitespace"), z.number(), z.boolean()])
  .transform(String);

const topicName = z
  .string()
  .regex(
    /^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,200}$/,
    "is not a topic name (letters, digits, `.`, `_` and `-`, at most 200 characters)",
  )
  .refine((name) => !name.startsWith("__"), "starts with `__`, which is reserved for Kafka's internal topics");

const userName = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9.-]{0,98}[a-z0-9])?$/,
    "is not a user name (lower case letters, digits, `.` and `-`, at most 100 characters)",
  )
  .refine((name) => !name.startsWith("nx."), "starts with `nx.`, which is reserved for the data layer's users");

const topic = z.strictObject({
  partitions: count(1, 10_000).describe("Number of partitions; can be increased, cannot be decreased"),
  replicationFactor: count(1, 100)
    .describe("Replicas of each partition; with `statefulset`, cannot be changed later")
    .default(3),
  config: z
    .record(topicConfigurationKey, topicConfigurationValue)
    .describe("Topic configurations such as `retention.ms`; the brokers' defaults apply to all others")
    .default({}),
});

const user = z.strictObject({
  passwordVersion: count(1, 1_000_000).describe("Increase it to generate a new password").default(1),
  access: kafkaAccess.optional().describe("What the user may do, with `strimzi`. As `kafka.strimzi.access` if omitted"),
});

export const kafka = z
  .strictObject({
    implementation: z
      .enum(["statefulset", "strimzi"])
      .describe(
        "Who runs Kafka: StatefulSets of this program, or the Strimzi operator (docs/kafka-on-strimzi.md). Cannot be changed while there is data",
      )
      .default("statefulset"),
    brokers: count(3, 100)
      .describe(
        "Number of brokers. With `statefulset`, the first three are also controllers, and it can only be increased: before decreasing it, move the partitions with `kafka-reassign-partitions.sh`. With `strimzi`, Cruise Control moves the partitions",
      )
      .default(3),
    storage: quantity().describe("Size of each volume; can be increased, cannot be decreased").default("10Gi"),
    heap: byteSize("128Mi", "64Gi")
      .describe("JVM heap of each broker; at most three quarters of its memory limit")
      .default("1Gi"),
    retentionHours: count(1, 1_000_000).describe("`log.retention.hours`").default(168),
    retentionBytes: byteSize("1Mi", "1Ei").describe("`log.retention.bytes`, per partition").default("1Gi"),
    segmentBytes: byteSize("1Mi", "2047Mi").describe("`log.segment.bytes`").default("1Gi"),
    maxMessageBytes: byteSize("1Mi", "1Gi")
      .describe(
        "`message.max.bytes`: largest message, or compressed batch of messages, of every topic without a `max.message.bytes` of its own. At least 1Mi more than `debezium.maxEventSize`",
      )
      .default("33Mi"),
    partitions: count(1, 10_000).describe("`num.partitions`: default number of partitions of a topic").default(3),
    resources: resources("each broker", { cpu: "500m", memory: "1280Mi" }, { cpu: "1.5", memory: "2Gi" }),
    passwordVersion: passwordVersion("nx.STACK"),
    users: z
      .record(userName, user)
      .describe(
        "Additional users by name: `{passwordVersion, access}`. Each has a password in the Secret `nx-kafka-user-NAME` in `nx-backend`. Removed users can no longer log in",
      )
      .default({}),
    topics: z
      .record(topicName, topic)
      .describe(
        "Topics by name: `{partitions, replicationFactor, config}`. They are created and updated, never deleted",
      )
      .default({}),
    strimzi: kafkaStrimzi.describe("Only with `strimzi`").prefault({}),
  })
  .superRefine(heapFitsMemoryLimit(128))
  .superRefine((given, context) => {
    for (const [name, { replicationFactor }] of Object.entries(given.topics)) {
      if (replicationFactor <= given.brokers) continue;
      context.addIssue({
        code: "custom",
        path: ["topics", name, "replicationFactor"],
        message: `exceeds the number of brokers, ${String(given.brokers)}`,
        params: { suggestion: String(given.brokers) },
      });
    }
  });

export type KafkaSettings = z.output<typeof kafka>;
