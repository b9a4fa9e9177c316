import type { ServerName } from "../../settings.ts";
import type { Endpoint } from "../network/endpoint.ts";

const pods = { "app.kubernetes.io/name": "postgresql" };
const ports = { postgresql: 5432 };

/** Both servers: either may become the other's source. */
export const postgresql: Endpoint = { namespace: "nx-persistent", pods, ports };

/** A server, whatever its role. */
export const server = (name: ServerName): Endpoint => ({
  namespace: "nx-persistent",
  pods: { ...pods, "app.kubernetes.io/instance": name },
  ports,
});

/** Whichever server is the primary: Services and policies follow the role. */
export const primary: Endpoint = {
  namespace: "nx-persistent",
  pods: { ...pods, "app.kubernetes.io/component": "primary" },
  ports,
};

/** Whichever server is the standby. */
export const replica: Endpoint = {
  namespace: "nx-persistent",
  pods: { ...pods, "app.kubernetes.io/component": "replica" },
  ports,
};
