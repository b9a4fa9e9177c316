import type { ServerName } from "../../../settings.ts";
import type { Endpoint } from "../../network/endpoint.ts";

const pods = { "app.kubernetes.io/name": "postgresql" };
const ports = { postgresql: 5432 } as const;

/** Both servers: each can replicate from the other. */
export const postgresql = { namespace: "nx-persistent", pods, ports } as const satisfies Endpoint;

/** One server, independent of its role. */
export const server = (name: ServerName) =>
  ({
    namespace: "nx-persistent",
    pods: { ...pods, "app.kubernetes.io/instance": name },
    ports,
  }) as const satisfies Endpoint;

/** The current primary: Services and policies select it by its role. */
export const primary = {
  namespace: "nx-persistent",
  pods: { ...pods, "app.kubernetes.io/component": "primary" },
  ports,
} as const satisfies Endpoint;

/** The current standby. */
export const replica = {
  namespace: "nx-persistent",
  pods: { ...pods, "app.kubernetes.io/component": "replica" },
  ports,
} as const satisfies Endpoint;
