import type { Endpoint } from "../network/endpoint.ts";

const pods = { "app.kubernetes.io/name": "postgresql" };
const ports = { postgresql: 5432 };

/** Both servers: either may become the other's source. */
export const postgresql: Endpoint = { namespace: "nx-persistent", pods, ports };

export const primary: Endpoint = {
  namespace: "nx-persistent",
  pods: { ...pods, "app.kubernetes.io/component": "primary" },
  ports,
};

export const replica: Endpoint = {
  namespace: "nx-persistent",
  pods: { ...pods, "app.kubernetes.io/component": "replica" },
  ports,
};
