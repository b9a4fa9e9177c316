import * as z from "zod";
import { count, quantity } from "./fields.ts";
import { passwordVersion } from "./passwords.ts";
import { parseQuantity } from "./quantity.ts";
import { heapFitsMemoryLimit, resources } from "./resources.ts";
import { nearest } from "./suggest.ts";

/** What a topic may be configured with in Kafka 4.1 ("Topic Configs" of its documentation), remote storage aside. */
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
  const meant = nearest(key, topicConfiguration);
  context.addIssue({
    code: "custom",
    message: `is no configuration of a topic${meant ? ` (did you mean ${meant}?)` : ""}`,
  });
});

const topicConfigurationValue = z
  .union([z.string().regex(/^\S+$/, "is empty or has blanks in it"), z.number(), z.boolean()])
  .transform(String);

const topicName = z
  .string()
  .regex(
    /^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,200}$/,
    "is not the name of a topic: letters, digits, `.`, `_` and `-`, at most 200",
  )
  .refine((name) => !name.startsWith("__"), "begins with `__`, as Kafka's own topics do");

const userName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]{0,98}[a-z0-9])?$/, "is not the name of a user: lower case letters, digits, `.` and `-`")
  .refine((name) => !name.startsWith("nx."), "begins with `nx.`, as the data layer's own users do");

const topic = z.strictObject({
  partitions: count(1, 10_000).describe("Number of partitions; may grow, never shrink"),
  replicationFactor: count(1, 100).describe("Copies of each partition; not changed later").default(3),
  config: z
    .record(topicConfigurationKey, topicConfigurationValue)
    .describe("Configuration of its own, such as `retention.ms`; what is not here has the brokers' default")
    .default({}),
});

const user = z.strictObject({
  passwordVersion: count(1, 1_000_000).describe("Raise it for a new password").default(1),
});

/** Bytes that a broker is told in a number: what it takes is a 32 or 64 bit integer. */
const byteSize = (least: string, most: string) =>
  quantity().superRefine((given, context) => {
    const amount = parseQuantity(given) ?? NaN;
    if (amount < (parseQuantity(least) ?? 0)) {
      context.addIssue({
        code: "custom",
        message: `is below the least allowed, ${least}`,
        params: { suggestion: least },
      });
    }
    if (amount > (parseQuantity(most) ?? 0)) {
      context.addIssue({ code: "custom", message: `is above the most allowed, ${most}`, params: { suggestion: most } });
    }
  });

export const kafka = z
  .strictObject({
    brokers: count(3, 100)
      .describe(
        "Number of brokers; the first three are the controllers too. May grow; fewer only when their partitions have been moved, by `kafka-reassign-partitions.sh`",
      )
      .default(3),
    storage: quantity().describe("Size of each volume; may grow, never shrink").default("10Gi"),
    heap: byteSize("128Mi", "64Gi")
      .describe("Heap of a broker; at most three quarters of its memory, for the rest of the JVM needs some too")
      .default("1Gi"),
    retentionHours: count(1, 1_000_000).describe("`log.retention.hours`").default(168),
    retentionBytes: byteSize("1Mi", "1Ei").describe("`log.retention.bytes`, of each partition").default("1Gi"),
    segmentBytes: byteSize("1Mi", "2047Mi").describe("`log.segment.bytes`").default("1Gi"),
    partitions: count(1, 10_000).describe("Partitions of a topic that does not say how many").default(3),
    resources: resources({ cpu: "500m", memory: "1280Mi" }, { cpu: "1.5", memory: "2Gi" }).describe(
      "Resources of a pod",
    ),
    passwordVersion: passwordVersion("nx.STACK"),
    users: z
      .record(userName, user)
      .describe(
        "Users beside the data layer's own, by name: `{passwordVersion}`. Each gets a password and the Secret `nx-kafka-user-NAME` in `nx-backend`. One that is removed here can no longer log in",
      )
      .default({}),
    topics: z
      .record(topicName, topic)
      .describe(
        "Topics, by name: `{partitions, replicationFactor, config}`. They are made, and changed when this changes; never deleted",
      )
      .default({}),
  })
  .superRefine(heapFitsMemoryLimit(128))
  .superRefine((given, context) => {
    for (const [name, { replicationFactor }] of Object.entries(given.topics)) {
      if (replicationFactor <= given.brokers) continue;
      context.addIssue({
        code: "custom",
        path: ["topics", name, "replicationFactor"],
        message: `is more than there are brokers, ${String(given.brokers)}`,
        params: { suggestion: String(given.brokers) },
      });
    }
  });

export type KafkaSettings = z.output<typeof kafka>;
