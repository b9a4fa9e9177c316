import * as z from "zod";
import { largestEvent, smallestHeap } from "./capture-memory.ts";
import { byteSize, count, quantity } from "./fields.ts";
import { passwordVersion } from "./passwords.ts";
import { parseQuantity } from "./quantity.ts";
import { heapFitsMemoryLimit, resources } from "./resources.ts";

/** The schemas of the specification. */
const schemas = ["public", "pricing", "allocation", "inventory", "finance", "payment", "sale"];

const captured = z
  .string()
  .regex(/^[a-z_][a-z0-9_]{0,62}(\.[a-z_][a-z0-9_]{0,62})?$/, "is neither SCHEMA nor SCHEMA.TABLE in lower case");

export const debezium = z
  .strictObject({
    capture: z
      .array(captured)
      .min(1)
      .describe("Schemas, with all their present and future tables, and tables (`SCHEMA.TABLE`) to capture")
      .default(schemas),
    topicPrefix: z
      .string()
      .regex(
        /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/,
        "is not a topic prefix (letters, digits, `_`, `.` and `-`, at most 100 characters)",
      )
      .describe("Prefix of the topics `PREFIX.SCHEMA.TABLE`. A change creates new topics and takes a new snapshot")
      .default("nx_seller_core"),
    topicPartitions: count(1, 1000).describe("Number of partitions of each new topic").default(3),
    numericFormat: z
      .enum(["string", "double", "precise"])
      .describe(
        "Form of `numeric` values in events (`decimal.handling.mode`): text with every digit; a JSON number, which rounds; or base64 of the unscaled number, without its scale, and without NaN and Infinity. New events change at once, so consumers must read both forms first",
      )
      .default("string"),
    compression: z
      .enum(["none", "gzip", "snappy", "lz4", "zstd"])
      .describe("Codec of the events. KafkaJS has only `gzip` built in; librdkafka and Java clients have all")
      .default("gzip"),
    maxEventSize: byteSize("64Ki", "1023Mi")
      .describe(
        "Largest event, as JSON and before compression. It is larger than its row: `bytea` becomes base64, quotes and newlines become two characters, and a change of a row without primary key contains the row twice",
      )
      .default("32Mi"),
    badEvents: z
      .enum(["fail", "skip"])
      .describe(
        "What an event does that Debezium cannot make, or that is larger than `maxEventSize`: `fail` stops all events until it is gone; `skip` logs and loses it, and is meant for the minutes it takes to pass over one row",
      )
      .default("fail"),
    workers: count(1, 3)
      .describe(
        "Kafka Connect workers, on different nodes if possible. One of them runs the connector. When it is lost, another continues",
      )
      .default(1),
    heap: quantity()
      .describe("JVM heap: at most three quarters of the memory limit, and at least 96Mi and 16 times `maxEventSize`")
      .default("640Mi"),
    resources: resources("each Kafka Connect worker", { cpu: "250m", memory: "512Mi" }, { cpu: "1", memory: "2Gi" }),
    passwordVersion: z
      .strictObject({ cdc_user: passwordVersion("cdc_user"), "nx.debezium": passwordVersion("nx.debezium") })
      .prefault({}),
  })
  .superRefine(heapFitsMemoryLimit(64))
  .superRefine((given, context) => {
    const { heap, maxEventSize } = given;
    const needed = smallestHeap(maxEventSize);
    if ((parseQuantity(heap) ?? Infinity) >= (parseQuantity(needed) ?? 0)) return;
    const limit = given.resources.limits.memory;
    const largestHeap = ((parseQuantity(limit) ?? 0) * 3) / 4;
    const fits = (parseQuantity(needed) ?? 0) <= largestHeap;
    context.addIssue(
      fits
        ? {
            code: "custom",
            path: ["heap"],
            message: `is too small for events of debezium.maxEventSize (${maxEventSize}): they need ${needed}`,
            params: { suggestion: needed },
          }
        : {
            code: "custom",
            path: ["maxEventSize"],
            message:
              `needs a heap of ${needed}, more than three quarters of the memory limit (${limit}). ` +
              "Raise debezium.resources.limits.memory and debezium.heap, or lower it",
            params: { suggestion: largestEvent(heap) },
          },
    );
  });

export type DebeziumSettings = z.output<typeof debezium>;
