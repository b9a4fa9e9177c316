import * as z from "zod";
import { cluster } from "./cluster.ts";
import { debezium } from "./debezium.ts";
import { eventsFitBrokers } from "./event-sizes.ts";
import { images } from "./images.ts";
import { implementationsFit } from "./implementations.ts";
import { kafka } from "./kafka.ts";
import { kafkaFitsImplementation } from "./kafka-implementations.ts";
import { nodePools } from "./node-pools.ts";
import { objectStore } from "./object-store.ts";
import { imagesFitOperators, operators } from "./operators.ts";
import { poolersFitServer } from "./pooled-connections.ts";
import { pgbouncer } from "./pgbouncer.ts";
import { postgresql } from "./postgresql.ts";
import { redis } from "./redis.ts";
import { typesense } from "./typesense.ts";

/** All settings of the data layer. docs/configuration.md is generated from it. */
export const settingsSchema = z
  .strictObject({
    cluster: cluster.describe("The Kubernetes cluster").prefault({} as z.input<typeof cluster>),
    nodePools: nodePools.describe("Where pods may run").prefault({}),
    images: images.describe("Container images").prefault({}),
    objectStore: objectStore.describe("The S3 bucket for backups of all stores").prefault({}),
    operators: operators.describe("Operators that run stores. They take effect only if a store uses them").prefault({}),
    postgresql: postgresql.describe("PostgreSQL").prefault({}),
    pgbouncer: pgbouncer.describe("PgBouncer").prefault({}),
    redis: redis.describe("Redis Cluster").prefault({}),
    kafka: kafka.describe("Kafka").prefault({}),
    typesense: typesense.describe("Typesense").prefault({}),
    debezium: debezium.describe("Debezium, change data capture").prefault({}),
  })
  .superRefine(implementationsFit)
  .superRefine(eventsFitBrokers)
  .superRefine(poolersFitServer)
  .superRefine(imagesFitOperators)
  .superRefine(kafkaFitsImplementation);

export type Settings = z.output<typeof settingsSchema>;
