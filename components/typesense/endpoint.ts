import type { Endpoint } from "../network/endpoint.ts";

const pods = { "app.kubernetes.io/name": "typesense" };

export const typesense: Endpoint = { namespace: "nx-search", pods, ports: { http: 8108 } };

/** Raft replication between several nodes. The port requires no API key. */
export const peering: Endpoint = { namespace: "nx-search", pods, ports: { peering: 8107 } };
