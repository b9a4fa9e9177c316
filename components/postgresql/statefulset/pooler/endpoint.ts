import type { Endpoint } from "../../../network/endpoint.ts";

export const pgbouncer = {
  namespace: "nx-persistent",
  pods: { "app.kubernetes.io/name": "pgbouncer" },
  ports: { pgbouncer: 6432 },
} as const satisfies Endpoint;
