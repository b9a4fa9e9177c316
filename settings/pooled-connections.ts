import type * as z from "zod";
import { poolerConnections } from "./pgbouncer.ts";
import type { PgBouncerSettings } from "./pgbouncer.ts";
import type { PostgresqlSettings } from "./postgresql.ts";

/**
 * Connections to the primary that do not come from the pooler: 3 of `superuser_reserved_connections`, 1 of the replica
 * for synchronized slots, 3 of change data capture, 3 of operators and the status check. Replication itself does not
 * count: it has `max_wal_senders`.
 */
const otherConnections = 10;

interface Sections {
  readonly postgresql: PostgresqlSettings;
  readonly pgbouncer: PgBouncerSettings;
}

/** Otherwise PostgreSQL would refuse connections under load ("too many clients"), also those of operators. */
export function poolersFitServer({ postgresql, pgbouncer }: Sections, context: z.RefinementCtx): void {
  const { application, superuser } = poolerConnections(pgbouncer);
  const needed = pgbouncer.replicas * (application + superuser) + otherConnections;
  if (needed <= postgresql.maxConnections) return;
  const pods = pgbouncer.replicas === 1 ? "the pooler's pod" : `each of ${String(pgbouncer.replicas)} pooler pods`;
  context.addIssue({
    code: "custom",
    path: ["postgresql", "maxConnections"],
    message: `is below ${String(needed)}: ${pods} can open ${String(application + superuser)} (pgbouncer.defaultPoolSize + reservePoolSize + sessionPoolSize + otherDatabasesPoolSize + ${String(superuser)}), and other clients need ${String(otherConnections)}`,
    params: { suggestion: String(needed) },
  });
}
