import type { Endpoint } from "../../network/endpoint.ts";

/** The init Job, in the namespace of the superuser's Secret. */
export const captureInit = {
  namespace: "nx-persistent",
  pods: { "app.kubernetes.io/name": "postgresql-cdc-init" },
  ports: {},
} as const satisfies Endpoint;
