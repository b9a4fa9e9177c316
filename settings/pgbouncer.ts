import * as z from "zod";
import { count } from "./fields.ts";
import { resources } from "./resources.ts";

export const pgbouncer = z.strictObject({
  replicas: count(1, 50).describe("Number of pods").default(1),
  resources: resources("each pod", { cpu: "100m", memory: "256Mi" }, { cpu: "500m", memory: "512Mi" }),
  maxClientConnections: count(1, 100_000).describe("`max_client_conn`").default(200),
  defaultPoolSize: count(1, 10_000).describe("`default_pool_size`").default(20),
  minPoolSize: count(0, 10_000).describe("`min_pool_size`").default(5),
  reservePoolSize: count(0, 10_000).describe("`reserve_pool_size`").default(5),
  maxDatabaseConnections: count(1, 10_000).describe("`max_db_connections`").default(50),
});

export type PgBouncerSettings = z.output<typeof pgbouncer>;
