import type { Endpoint } from "../network/endpoint.ts";

export const redis: Endpoint = {
  namespace: "nx-broker",
  pods: { "app.kubernetes.io/name": "redis" },
  ports: { redis: 6379, "cluster-bus": 16379 },
};
