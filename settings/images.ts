import * as z from "zod";
import { image } from "./fields.ts";

export const images = z.strictObject({
  registry: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.:/_-]*[a-z0-9]$/, "is not a registry address, such as registry.example.com/mirror")
    .optional()
    .describe("Registry or mirror to prefix every image with"),
  postgresql: image()
    .describe("PostgreSQL 17, for primary, replica and the Jobs that run psql")
    .default("postgres:17-alpine"),
  pgbouncer: image()
    .describe("PgBouncer. The specification pins 1.24.1; its known vulnerabilities are fixed in 1.25.2")
    .default("ghcr.io/icoretech/pgbouncer-docker:1.24.1"),
  cloudNativePgPostgresql: image()
    .describe(
      "PostgreSQL 17 for CloudNativePG. A new image is a rolling update that ends with a switchover; change no other setting of PostgreSQL with it",
    )
    .default("ghcr.io/cloudnative-pg/postgresql:17.11-standard-trixie"),
  cloudNativePgPooler: image()
    .describe("PgBouncer for CloudNativePG")
    .default("ghcr.io/cloudnative-pg/pgbouncer:1.25.2"),
  redis: image().describe("Redis 7").default("redis:7-alpine"),
  kafka: image().describe("Kafka 4.1").default("apache/kafka:4.1.1"),
  typesense: image().describe("Typesense").default("typesense/typesense:27.1"),
  debezium: image().describe("Debezium Connect").default("debezium/connect:3.0.0.Final"),
  rclone: image().describe("rclone, which copies backups to the object store").default("rclone/rclone:1.75.2"),
  cloudNativePg: image()
    .describe("CloudNativePG's operator, also the instance manager in its pods")
    .default("ghcr.io/cloudnative-pg/cloudnative-pg:1.30.0"),
  barmanCloud: image()
    .describe("Barman Cloud plugin of CloudNativePG")
    .default("ghcr.io/cloudnative-pg/plugin-barman-cloud:v0.14.0"),
  barmanCloudSidecar: image()
    .describe("Sidecar of the Barman Cloud plugin, in the pods of PostgreSQL")
    .default("ghcr.io/cloudnative-pg/plugin-barman-cloud-sidecar:v0.14.0"),
});
