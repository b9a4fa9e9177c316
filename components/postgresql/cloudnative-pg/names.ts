/** Namespace of the operator's objects for PostgreSQL. */
export const namespace = "nx-persistent";

/** The `Cluster` that a new stack starts with. */
export const clusterName = "nx-postgresql";

/** Services of applications. The stack makes them, so that they can be pointed to another `Cluster`. */
export const services = {
  primary: "nx-postgresql-primary",
  replica: "nx-postgresql-replica",
  pooled: "nx-pgbouncer",
  pooledSessions: "nx-pgbouncer-session",
} as const;

/** Names of a cluster's `Pooler`s. A `Pooler` can never change its cluster, so each cluster has its own. */
export const poolersOf = (cluster: string) =>
  ({ transaction: `${cluster}-pooler`, session: `${cluster}-pooler-session` }) as const;

/** Port of all Services, and of the pods. */
export const port = 5432;
