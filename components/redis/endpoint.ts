import type { Endpoint } from "../network/endpoint.ts";

export const redis = {
  namespace: "nx-broker",
  pods: { "app.kubernetes.io/name": "redis" },
  ports: { redis: 6379, "cluster-bus": 16379 },
} as const satisfies Endpoint;

/** The Jobs that back up. */
export const redisBackup = {
  namespace: "nx-broker",
  pods: { "app.kubernetes.io/name": "nx-redis-backup" },
  ports: {},
} as const satisfies Endpoint;

/** The Job that restores. */
export const redisRestore = {
  namespace: "nx-broker",
  pods: { "app.kubernetes.io/name": "nx-redis-restore" },
  ports: {},
} as const satisfies Endpoint;

/** The init Job. */
export const redisInit = {
  namespace: "nx-broker",
  pods: { "app.kubernetes.io/name": "nx-redis-cluster-init" },
  ports: {},
} as const satisfies Endpoint;
