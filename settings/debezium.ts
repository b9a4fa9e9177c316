import * as z from "zod";
import { count, quantity } from "./fields.ts";
import { passwordVersion } from "./passwords.ts";
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
    heap: quantity().describe("JVM heap; at most three quarters of the memory limit").default("512Mi"),
    resources: resources("the Kafka Connect worker", { cpu: "250m", memory: "512Mi" }, { cpu: "1", memory: "2Gi" }),
    passwordVersion: z
      .strictObject({ cdc_user: passwordVersion("cdc_user"), "nx.debezium": passwordVersion("nx.debezium") })
      .prefault({}),
  })
  .superRefine(heapFitsMemoryLimit(64));

export type DebeziumSettings = z.output<typeof debezium>;
