import type { Endpoint } from "../../network/endpoint.ts";

const namespace = "nx-persistent";

/**
 * All pods of CloudNativePG's Clusters, with the labels that the operator sets: the instances, and the Jobs that
 * initialize, clone or recover one. A recovered Cluster is included, whatever its name.
 */
export const database = {
  namespace,
  pods: { "app.kubernetes.io/name": "postgresql", "app.kubernetes.io/component": "database" },
  ports: { postgresql: 5432, status: 8000, metrics: 9187 },
} as const satisfies Endpoint;

/** The primary of each Cluster. */
export const primary = {
  namespace,
  pods: { "cnpg.io/podRole": "instance", "cnpg.io/instanceRole": "primary" },
  ports: { postgresql: 5432 },
} as const satisfies Endpoint;

/** The primary of one Cluster. */
export const primaryOf = (cluster: string) =>
  ({ ...primary, pods: { ...primary.pods, "cnpg.io/cluster": cluster } }) as const satisfies Endpoint;

/** The standbys of one Cluster. */
export const replicasOf = (cluster: string) =>
  ({
    ...primary,
    pods: { "cnpg.io/podRole": "instance", "cnpg.io/instanceRole": "replica", "cnpg.io/cluster": cluster },
  }) as const satisfies Endpoint;

/** The pods of all Poolers: PgBouncer behind CloudNativePG's instance manager. */
export const poolers = {
  namespace,
  pods: { "cnpg.io/podRole": "pooler" },
  ports: { pgbouncer: 5432, metrics: 9127 },
} as const satisfies Endpoint;

/** The pods of one Pooler. */
export const pooler = (name: string) =>
  ({ ...poolers, pods: { "cnpg.io/poolerName": name } }) as const satisfies Endpoint;

/** The Job that makes the application's role the owner of its database; only a client. */
export const initDatabase = {
  namespace,
  pods: { "app.kubernetes.io/name": "postgresql-init" },
  ports: {},
} as const satisfies Endpoint;

/** The Job that writes to the object store before anything depends on it; only a client. */
export const storeCheck = {
  namespace,
  pods: { "app.kubernetes.io/name": "nx-postgresql-store-check" },
  ports: {},
} as const satisfies Endpoint;
