import type { Endpoint } from "../network/endpoint.ts";

export const pgbouncer: Endpoint = {
  namespace: "nx-persistent",
  pods: { "app.kubernetes.io/name": "pgbouncer" },
  ports: { pgbouncer: 6432 },
};
