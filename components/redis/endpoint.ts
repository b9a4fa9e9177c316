import type { Endpoint } from "../network/endpoint.ts";

export const redis = {
  namespace: "nx-broker",
  pods: { "app.kubernetes.io/name": "redis" },
  ports: { redis: 6379, "cluster-bus": 16379 },
} as const satisfies Endpoint;

/** The init Job. */
export const redisInit = {
  namespace: "nx-broker",
  pods: { "app.kubernetes.io/name": "nx-redis-cluster-init" },
  ports: {},
} as const satisfies Endpoint;
