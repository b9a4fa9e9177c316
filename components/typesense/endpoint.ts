import type { Endpoint } from "../network/endpoint.ts";

const pods = { "app.kubernetes.io/name": "typesense" };

export const typesense: Endpoint = { namespace: "nx-search", pods, ports: { http: 8108 } };

/** By which the nodes replicate among themselves, if there are several. It asks for no key. */
export const peering: Endpoint = { namespace: "nx-search", pods, ports: { peering: 8107 } };
