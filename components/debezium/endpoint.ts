import type { Endpoint } from "../network/endpoint.ts";

export const debezium = {
  namespace: "nx-search",
  pods: { "app.kubernetes.io/name": "debezium" },
  ports: { http: 8083 },
} as const satisfies Endpoint;

/** The Job that registers the connector. */
export const registration = {
  namespace: "nx-search",
  pods: { "app.kubernetes.io/name": "nx-debezium-init" },
  ports: {},
} as const satisfies Endpoint;
