import { pgbouncer } from "../pgbouncer/endpoint.ts";
import { postgresql, primary } from "../postgresql/endpoints.ts";
import type { Endpoint, Flow } from "./endpoint.ts";

/** The services of the application, deployed by others. */
const backend: Endpoint = { namespace: "nx-backend", pods: {}, ports: {} };

/** All of the namespace, as the specification's table has it. */
const persistent: Endpoint = {
  namespace: "nx-persistent",
  pods: {},
  ports: { ...postgresql.ports, ...pgbouncer.ports },
};

/**
 * Who may open a connection to whom, named as in the specification. Lines that name the same policy in the same namespace are
 * merged into it. Ports are the server's pod ports: a policy never sees the port of a Service.
 */
export const flows: readonly Flow[] = [
  { from: backend, to: persistent, egress: "allow-egress-to-postgresql", ingress: "allow-from-backend" },
  { from: backend, to: pgbouncer, egress: "allow-egress-to-postgresql", ingress: "allow-pgbouncer-from-backend" },
  { from: pgbouncer, to: primary, egress: "allow-pgbouncer-to-primary", ingress: "allow-from-pgbouncer" },
  { from: postgresql, to: postgresql, egress: "allow-pg-replication", ingress: "allow-pg-replication" },
];
