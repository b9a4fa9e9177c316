import { barmanCloud, barmanCloudSidecar } from "./barman-cloud.ts";
import { cloudNativePg, cloudNativePgPooler, cloudNativePgPostgresql } from "./cloudnative-pg.ts";
import { clusterImages } from "./cluster.ts";
import { debezium } from "./debezium.ts";
import type { Image } from "./image.ts";
import { kafka } from "./kafka.ts";
import { pgbouncer, postgresql } from "./postgresql.ts";
import { rclone } from "./rclone.ts";
import { redis } from "./redis.ts";
import { testClients } from "./test-clients.ts";
import { typesense } from "./typesense.ts";
import { objectStore } from "./object-store.ts";

/** Images of every embedded cluster. */
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

/** Images of a cluster with operators. */
export const operatorImages: readonly Image[] = [
  cloudNativePg,
  cloudNativePgPostgresql,
  cloudNativePgPooler,
  barmanCloud,
  barmanCloudSidecar,
  rclone,
  objectStore,
];
