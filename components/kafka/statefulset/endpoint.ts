import type { Endpoint } from "../../network/endpoint.ts";

/** `client` requires SASL; only network policies protect `internal` and `controller`. */
export const kafka = {
  namespace: "nx-broker",
  pods: { "app.kubernetes.io/name": "kafka" },
  ports: { internal: 29092, client: 9092, controller: 9093 },
} as const satisfies Endpoint;

/** The init Jobs. */
export const kafkaInit = {
  namespace: "nx-broker",
  pods: { "app.kubernetes.io/name": "kafka-init" },
  ports: {},
} as const satisfies Endpoint;
