import type { Endpoint } from "../network/endpoint.ts";

/** `client` asks for a password; `internal` and `controller` rely on the network policies alone. */
export const kafka: Endpoint = {
  namespace: "nx-broker",
  pods: { "app.kubernetes.io/name": "kafka" },
  ports: { internal: 29092, client: 9092, controller: 9093 },
};
