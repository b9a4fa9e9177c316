import type { PostgresqlSettings } from "../../settings.ts";

/**
 * Time zone of the servers (specification), and of the applications: `now()` in a `timestamp` column, which has no time
 * zone, is this zone's wall clock.
 */
export const timezone = "Asia/Ho_Chi_Minh";

/** The specification's parameters of a primary, but those that depend on who runs the server. */
export const specified = (settings: PostgresqlSettings) => ({
  wal_level: "logical",
  max_wal_senders: 10,
  max_replication_slots: 10,
  shared_buffers: settings.sharedBuffers,
  effective_cache_size: settings.effectiveCacheSize,
  work_mem: settings.workMem,
  maintenance_work_mem: settings.maintenanceWorkMem,
  max_connections: settings.maxConnections,
  random_page_cost: 1.1,
  effective_io_concurrency: 200,
  log_statement: "ddl",
  log_min_duration_statement: 1000,
  password_encryption: "scram-sha-256",
  timezone,
});
