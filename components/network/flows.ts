import type { Settings } from "../../settings.ts";
import { capture } from "../debezium/capture/endpoint.ts";
import { debezium } from "../debezium/endpoint.ts";
import { kafka } from "../kafka/endpoint.ts";
import type { Namespace } from "../names.ts";
import { pgbouncer, postgresql, primary } from "../postgresql/endpoints.ts";
import { redis } from "../redis/endpoint.ts";
import { peering, typesense } from "../typesense/endpoint.ts";
import { internet } from "./addresses.ts";
import type { Applications, Endpoint, Flow } from "./endpoint.ts";

/** The endpoint with only these ports. */
const only = <Port extends string>(
  end: Endpoint & { readonly ports: Readonly<Record<Port, number>> },
  ...names: readonly Port[]
) => ({ ...end, ports: Object.fromEntries(names.map((name) => [name, end.ports[name]])) });

/** All pods of a namespace: the specification's table often names only the namespace. */
const allPods = <Ports extends Endpoint["ports"]>(namespace: Namespace, ports: Ports) =>
  ({ namespace, pods: {}, ports }) satisfies Endpoint;

/** The application's services, which are not part of this program. */
const backend = allPods("nx-backend", { http: 3000 });
const persistent = allPods("nx-persistent", { ...postgresql.ports, ...pgbouncer.ports });
const broker = allPods("nx-broker", { ...redis.ports, ...kafka.ports });
const search = allPods("nx-search", {});
/** The backend services that store files. */
const fileServices: Applications = { namespace: "nx-backend", applications: ["commerce", "ledger"] };

/** Settings that determine the flows. */
export interface FlowSettings {
  readonly typesense: Pick<Settings["typesense"], "replicas">;
}

/**
 * All allowed connections; everything else is denied. Policy names are the specification's. Flows that name the same
 * policy in the same namespace are merged. Ports are container ports: policies apply after the translation of Service
 * ports.
 */
export const flows = (settings: FlowSettings): readonly Flow[] => [
  {
    from: backend,
    to: persistent,
    egress: "allow-egress-to-postgresql",
    ingress: "allow-from-backend",
    reason: "Backend services read and write their database.",
  },
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
  {
    from: capture,
    to: primary,
    egress: "allow-cdc-init-to-primary",
    ingress: "allow-from-cdc-init",
    reason: "The init Job of change data capture creates its role, publication and slot.",
  },
  {
    from: backend,
    to: only(broker, "redis", "cluster-bus", "internal", "client"),
    egress: "allow-egress-to-broker",
    ingress: "allow-from-backend",
    reason: "Backend services use Redis and Kafka, without the KRaft controllers, which have no authentication.",
  },
  {
    from: broker,
    to: broker,
    egress: "allow-broker-internal",
    ingress: "allow-from-backend",
    reason: "Redis nodes, Kafka brokers and their init Jobs communicate with each other.",
  },
  {
    from: backend,
    to: allPods("nx-search", typesense.ports),
    egress: "allow-egress-to-search",
    ingress: "allow-from-backend",
    reason: "Backend services search and index documents.",
  },
  {
    from: search,
    to: allPods("nx-search", debezium.ports),
    egress: "allow-search-internal",
    ingress: "allow-search-internal",
    reason: "The registration Job configures the connector through Kafka Connect's REST API.",
  },
  {
    from: search,
    to: allPods("nx-search", typesense.ports),
    egress: "allow-search-internal",
    ingress: "allow-search-internal",
    reason: "The specification allows Typesense connections within its namespace.",
  },
  {
    from: search,
    to: primary,
    egress: "egress-nx-search",
    ingress: "allow-from-search",
    reason: "Debezium reads the primary's logical replication slot.",
  },
  {
    from: search,
    to: only(kafka, "client"),
    egress: "egress-nx-search",
    ingress: "allow-from-search",
    reason: "Debezium writes captured changes to Kafka.",
  },
  {
    from: backend,
    to: backend,
    egress: "allow-egress-to-backend",
    ingress: "allow-from-backend",
    reason: "Backend services call each other.",
  },
  {
    from: fileServices,
    to: { ...internet, ports: { https: 443 } },
    egress: "allow-egress-to-s3",
    reason: "These services store files in an object store outside the cluster.",
  },
  ...(settings.typesense.replicas > 1 ? [typesensePeering] : []),
];

const typesensePeering: Flow = {
  from: peering,
  to: peering,
  egress: "allow-typesense-peering",
  ingress: "allow-typesense-peering",
  reason: "Several nodes (`typesense.replicas`) replicate with Raft, which requires no API key.",
};
