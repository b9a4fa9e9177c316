import type { ServerName } from "../../settings.ts";
import type { Endpoint } from "../network/endpoint.ts";

const pods = { "app.kubernetes.io/name": "postgresql" };
const ports = { postgresql: 5432 };

/** Both servers: each can replicate from the other. */
export const postgresql: Endpoint = { namespace: "nx-persistent", pods, ports };

/** One server, independent of its role. */
export const server = (name: ServerName): Endpoint => ({
  namespace: "nx-persistent",
  pods: { ...pods, "app.kubernetes.io/instance": name },
  ports,
});

/** The current primary: Services and policies select it by its role. */
export const primary: Endpoint = {
  namespace: "nx-persistent",
  pods: { ...pods, "app.kubernetes.io/component": "primary" },
  ports,
};

/** The current standby. */
export const replica: Endpoint = {
  namespace: "nx-persistent",
  pods: { ...pods, "app.kubernetes.io/component": "replica" },
  ports,
};
