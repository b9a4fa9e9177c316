import * as z from "zod";
import { count, quantity } from "./fields.ts";
import { passwordVersion } from "./passwords.ts";
import { heapFitsMemoryLimit, resources } from "./resources.ts";

/** The schemas of the specification's table. */
const schemas = ["public", "pricing", "allocation", "inventory", "finance", "payment", "sale"];

const captured = z
  .string()
  .regex(/^[a-z_][a-z0-9_]{0,62}(\.[a-z_][a-z0-9_]{0,62})?$/, "is neither a SCHEMA nor a SCHEMA.TABLE in lower case");

export const debezium = z
  .strictObject({
    capture: z
      .array(captured)
      .min(1)
      .describe("Schemas, with all tables they will ever have, and tables (`SCHEMA.TABLE`) whose changes are captured")
      .default(schemas),
    topicPrefix: z
      .string()
      .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/, "is not the beginning of a topic's name")
      .describe("Topics are named `PREFIX.SCHEMA.TABLE`. A change makes new topics, filled by a snapshot")
      .default("nx_seller_core"),
    topicPartitions: count(1, 1000).describe("Partitions of a topic that is made for a table").default(3),
    heap: quantity().describe("Heap of the JVM; at most three quarters of the memory limit").default("512Mi"),
    resources: resources({ cpu: "250m", memory: "512Mi" }, { cpu: "1", memory: "2Gi" }).describe(
      "Resources of the pod",
    ),
    passwordVersion: z
      .strictObject({ cdc_user: passwordVersion("cdc_user"), "nx.debezium": passwordVersion("nx.debezium") })
      .prefault({}),
  })
  .superRefine(heapFitsMemoryLimit(64));

export type DebeziumSettings = z.output<typeof debezium>;
