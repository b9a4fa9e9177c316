import type { Endpoint } from "../network/endpoint.ts";

export const typesense: Endpoint = {
  namespace: "nx-search",
  pods: { "app.kubernetes.io/name": "typesense" },
  ports: { http: 8108 },
};
