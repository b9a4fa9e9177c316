import type { Endpoint } from "../network/endpoint.ts";

const pods = { "app.kubernetes.io/name": "typesense" };

export const typesense = { namespace: "nx-search", pods, ports: { http: 8108 } } as const satisfies Endpoint;

/** Raft replication between several nodes. The port requires no API key. */
export const peering = { namespace: "nx-search", pods, ports: { peering: 8107 } } as const satisfies Endpoint;

/** The snapshot that a backup fetches. The port requires the API key as password. */
export const snapshots = { namespace: "nx-search", pods, ports: { snapshots: 8109 } } as const satisfies Endpoint;

/** The Jobs that back up. */
export const typesenseBackup = {
  namespace: "nx-search",
  pods: { "app.kubernetes.io/name": "nx-typesense-backup" },
  ports: {},
} as const satisfies Endpoint;

/** The Jobs that restore. */
export const typesenseRestore = {
  namespace: "nx-search",
  pods: { "app.kubernetes.io/name": "nx-typesense-restore" },
  ports: {},
} as const satisfies Endpoint;

/** The claim of a node's volume. */
export const claimOf = (ordinal: number): string => `data-nx-typesense-${String(ordinal)}`;
