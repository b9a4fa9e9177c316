import type { Endpoint } from "../network/endpoint.ts";

/** `client` requires SASL; only network policies protect `internal` and `controller`. */
export const kafka: Endpoint = {
  namespace: "nx-broker",
  pods: { "app.kubernetes.io/name": "kafka" },
  ports: { internal: 29092, client: 9092, controller: 9093 },
};
