import { clusterImages } from "./cluster.ts";
import { debezium } from "./debezium.ts";
import type { Image } from "./image.ts";
import { kafka } from "./kafka.ts";
import { pgbouncer, postgresql } from "./postgresql.ts";
import { redis } from "./redis.ts";
import { testClients } from "./test-clients.ts";
import { typesense } from "./typesense.ts";

/** All images of the embedded cluster. */
export const images: readonly Image[] = [
  ...clusterImages,
  postgresql,
  pgbouncer,
  redis,
  kafka,
  debezium,
  typesense,
  testClients,
];
