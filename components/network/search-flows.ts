import { debezium } from "../debezium/endpoint.ts";
import { peering, typesense } from "../typesense/endpoint.ts";
import type { SearchEnds } from "./authenticated-flows.ts";
import type { Flow } from "./endpoint.ts";
import { allPods, backend, search } from "./ends.ts";

/** Connections of Typesense and Debezium: the specification's rules name their namespace. */
export const specifiedSearchFlows = ({ primary, brokers, nodes }: SearchEnds): readonly Flow[] => [
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
    to: brokers,
    egress: "egress-nx-search",
    ingress: "allow-from-search",
    reason: "Debezium writes captured changes to Kafka.",
  },
  ...(nodes > 1 ? [peeringFlow] : []),
];

const peeringFlow: Flow = {
  from: peering,
  to: peering,
  egress: "allow-typesense-peering",
  ingress: "allow-typesense-peering",
  reason: "Several nodes (`typesense.replicas`) replicate with Raft, which requires no API key.",
};
