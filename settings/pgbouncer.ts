import * as z from "zod";
import { count } from "./fields.ts";
import { resources } from "./resources.ts";

const seconds = (min: number) => count(min, 86_400);

/**
 * Server connections of each pod for the superuser: probes, the status check and operators need few. It keeps the
 * superuser from taking the applications' connections.
 */
const superuserConnections = 5;

export const pgbouncer = z
  .strictObject({
    replicas: count(1, 50).describe("Number of pods").default(1),
    resources: resources("each pod", { cpu: "100m", memory: "256Mi" }, { cpu: "500m", memory: "512Mi" }),
    maxClientConnections: count(1, 100_000).describe("`max_client_conn`").default(200),
    defaultPoolSize: count(1, 10_000).describe("`default_pool_size`").default(20),
    minPoolSize: count(0, 10_000).describe("`min_pool_size`").default(5),
    reservePoolSize: count(0, 10_000).describe("`reserve_pool_size`").default(5),
    maxDatabaseConnections: count(1, 10_000).describe("`max_db_connections`").default(50),
    sessionPoolSize: count(1, 10_000)
      .describe(
        "Server connections of each pod for `nx_seller_core_session`, the session-pooled database: each client keeps one until it disconnects",
      )
      .default(10),
    otherDatabasesPoolSize: count(1, 10_000)
      .describe(
        "Server connections of each pod for each database other than `nx_seller_core`; as many are counted for all of them together",
      )
      .default(5),
    resetSession: z
      .boolean()
      .describe(
        "Whether a transaction leaves nothing to the next client of its server connection (`server_reset_query_always`): settings, advisory locks, prepared statements, temporary tables. docs/pooling.md has the price",
      )
      .default(true),
    serverLifetime: seconds(1)
      .describe(
        "`server_lifetime` in seconds. Without `resetSession`, prepared statements fail for up to twice this time after DDL that changes their result",
      )
      .default(30),
    idleTransactionTimeout: seconds(0)
      .describe(
        "`idle_transaction_timeout` in seconds: disconnects a client that leaves its transaction idle. 0: never",
      )
      .default(30),
    queryWaitTimeout: seconds(0)
      .describe(
        "`query_wait_timeout` in seconds: disconnects a client that waits for a server connection. 0: never. Longer than `idleTransactionTimeout`, so that idle transactions end before others fail for them",
      )
      .default(120),
  })
  .superRefine(({ idleTransactionTimeout, queryWaitTimeout }, context) => {
    if (idleTransactionTimeout === 0 || queryWaitTimeout === 0 || idleTransactionTimeout < queryWaitTimeout) return;
    context.addIssue({
      code: "custom",
      path: ["idleTransactionTimeout"],
      message: `is not shorter than pgbouncer.queryWaitTimeout (${String(queryWaitTimeout)}): clients that wait for a connection would fail before an idle transaction ends`,
      params: { suggestion: String(Math.floor(queryWaitTimeout / 2)) },
    });
  });

export type PgBouncerSettings = z.output<typeof pgbouncer>;

/** The most server connections that a pod opens for the applications' role and for the superuser. */
export function poolerConnections(settings: PgBouncerSettings): { application: number; superuser: number } {
  const { defaultPoolSize, reservePoolSize, maxDatabaseConnections, sessionPoolSize, otherDatabasesPoolSize } =
    settings;
  const pooled = Math.min(defaultPoolSize + reservePoolSize, maxDatabaseConnections);
  return { application: pooled + sessionPoolSize + otherDatabasesPoolSize, superuser: superuserConnections };
}
