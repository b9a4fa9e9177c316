import type { Endpoint } from "../network/endpoint.ts";

const pods = { "app.kubernetes.io/name": "typesense" };

export const typesense = { namespace: "nx-search", pods, ports: { http: 8108 } } as const satisfies Endpoint;

/** Raft replication between several nodes. The port requires no API key. */
export const peering = { namespace: "nx-search", pods, ports: { peering: 8107 } } as const satisfies Endpoint;
