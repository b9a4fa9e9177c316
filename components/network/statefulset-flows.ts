import { postgresql, primary } from "../postgresql/statefulset/endpoints.ts";
import { pgbouncer } from "../postgresql/statefulset/pooler/endpoint.ts";
import type { Flow } from "./endpoint.ts";
import { allPods, backend } from "./ends.ts";

/** What the specification's table opens to the servers, past the pooler. */
export const backendToStatefulSets: Flow = {
  from: backend,
  to: allPods("nx-persistent", { ...postgresql.ports, ...pgbouncer.ports }),
  egress: "allow-egress-to-postgresql",
  ingress: "allow-from-backend",
  reason: "Backend services read and write their database.",
};

/** Connections of PostgreSQL as StatefulSets, and of its pooler. */
export const statefulSetFlows: readonly Flow[] = [
  {
    from: backend,
    to: pgbouncer,
    egress: "allow-egress-to-postgresql",
    ingress: "allow-pgbouncer-from-backend",
    reason: "Backend services connect through the pooler, whose pods listen on a different port than its Service.",
  },
  {
    from: pgbouncer,
    to: primary,
    egress: "allow-pgbouncer-to-primary",
    ingress: "allow-from-pgbouncer",
    reason: "The pooler connects to the primary.",
  },
  {
    from: postgresql,
    to: postgresql,
    egress: "allow-pg-replication",
    ingress: "allow-pg-replication",
    reason: "The replica streams from the primary; each server can have either role.",
  },
];
