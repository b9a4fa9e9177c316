import * as z from "zod";
import { cluster, nodePools } from "./cluster.ts";
import { debezium } from "./debezium.ts";
import { images } from "./images.ts";
import { kafka } from "./kafka.ts";
import { pgbouncer } from "./pgbouncer.ts";
import { postgresql } from "./postgresql.ts";
import { parseQuantity } from "./quantity.ts";
import { redis } from "./redis.ts";
import { typesense } from "./typesense.ts";

/** Data that cannot be compressed grows by a few bytes per block: 5 in 16 kB with gzip, the least efficient codec. */
const batchOverhead = 2 ** 20;

/** All settings of the data layer. docs/configuration.md is generated from it. */
export const settingsSchema = z
  .strictObject({
    cluster: cluster.describe("The Kubernetes cluster").prefault({} as z.input<typeof cluster>),
    nodePools: nodePools.describe("Where pods may run").prefault({}),
    images: images.describe("Container images").prefault({}),
    postgresql: postgresql.describe("PostgreSQL").prefault({}),
    pgbouncer: pgbouncer.describe("PgBouncer").prefault({}),
    redis: redis.describe("Redis Cluster").prefault({}),
    kafka: kafka.describe("Kafka").prefault({}),
    typesense: typesense.describe("Typesense").prefault({}),
    debezium: debezium.describe("Debezium, change data capture").prefault({}),
  })
  .superRefine(({ kafka: { maxMessageBytes, topics }, debezium: { maxEventSize, topicPrefix } }, context) => {
    const needed = (parseQuantity(maxEventSize) ?? 0) + batchOverhead;
    const suggestion = `${String(Math.ceil(needed / 2 ** 20))}Mi`;
    const reason = `is too small for events of debezium.maxEventSize (${maxEventSize})`;
    if ((parseQuantity(maxMessageBytes) ?? 0) < needed) {
      context.addIssue({
        code: "custom",
        path: ["kafka", "maxMessageBytes"],
        message: `${reason}: the brokers would refuse them, and all tables' events would stop. They need ${suggestion}`,
        params: { suggestion },
      });
    }
    for (const [name, { config }] of Object.entries(topics)) {
      const own = config["max.message.bytes"];
      if (own === undefined || !name.startsWith(`${topicPrefix}.`) || Number(own) >= needed) continue;
      context.addIssue({
        code: "custom",
        path: ["kafka", "topics", name, "config", "max.message.bytes"],
        message: `${reason}, which Debezium writes to this topic`,
        params: { suggestion: String(Math.ceil(needed)) },
      });
    }
  });

export type Settings = z.output<typeof settingsSchema>;
