import { debezium } from "../debezium/endpoint.ts";
import { kafka } from "../kafka/endpoint.ts";
import type { Namespace } from "../names.ts";
import { pgbouncer } from "../pgbouncer/endpoint.ts";
import { postgresql, primary } from "../postgresql/endpoints.ts";
import { redis } from "../redis/endpoint.ts";
import { peering, typesense } from "../typesense/endpoint.ts";
import type { Endpoint, Flow, OutsideFlow } from "./endpoint.ts";

/** The endpoint with only these ports. */
const only = (end: Endpoint, ...names: readonly string[]): Endpoint => ({
  ...end,
  ports: Object.fromEntries(Object.entries(end.ports).filter(([name]) => names.includes(name))),
});

/** All pods of a namespace: the specification's table often names only the namespace. */
const allPodsOf = (namespace: Namespace, ports: Endpoint["ports"] = {}): Endpoint => ({ namespace, pods: {}, ports });

/** The application's services, which are not part of this program. */
const backend = allPodsOf("nx-backend", { http: 3000 });
const persistent = allPodsOf("nx-persistent", { ...postgresql.ports, ...pgbouncer.ports });
const broker = allPodsOf("nx-broker", { ...redis.ports, ...kafka.ports });
const search = allPodsOf("nx-search");

/**
 * All allowed connections between pods; policy names are the specification's. Flows that name the same policy in the
 * same namespace are merged. Ports are container ports: a NetworkPolicy applies after the translation of Service ports.
 */
export const flows: readonly Flow[] = [
  { from: backend, to: persistent, egress: "allow-egress-to-postgresql", ingress: "allow-from-backend" },
  { from: backend, to: pgbouncer, egress: "allow-egress-to-postgresql", ingress: "allow-pgbouncer-from-backend" },
  { from: pgbouncer, to: primary, egress: "allow-pgbouncer-to-primary", ingress: "allow-from-pgbouncer" },
  { from: postgresql, to: postgresql, egress: "allow-pg-replication", ingress: "allow-pg-replication" },
  {
    from: backend,
    to: only(broker, "redis", "cluster-bus", "client", "internal"),
    egress: "allow-egress-to-broker",
    ingress: "allow-from-backend",
  },
  { from: broker, to: broker, egress: "allow-broker-internal", ingress: "allow-from-backend" },
  {
    from: backend,
    to: allPodsOf("nx-search", typesense.ports),
    egress: "allow-egress-to-search",
    ingress: "allow-from-backend",
  },
  {
    from: search,
    to: allPodsOf("nx-search", debezium.ports),
    egress: "allow-search-internal",
    ingress: "allow-search-internal",
  },
  {
    from: search,
    to: allPodsOf("nx-search", typesense.ports),
    egress: "allow-search-internal",
    ingress: "allow-search-internal",
  },
  { from: search, to: primary, egress: "egress-nx-search", ingress: "allow-from-search" },
  { from: search, to: only(kafka, "client"), egress: "egress-nx-search", ingress: "allow-from-search" },
  { from: backend, to: backend, egress: "allow-egress-to-backend", ingress: "allow-from-backend" },
];

/** Raft traffic between Typesense nodes; needed only with several nodes. */
export const typesensePeering: Flow = {
  from: peering,
  to: peering,
  egress: "allow-typesense-peering",
  ingress: "allow-typesense-peering",
};

/** IPv4 ranges that are not on the public internet (IANA special-purpose registry), and multicast. */
const privateAddresses = [
  "0.0.0.0/8", // this network
  "10.0.0.0/8", // private use
  "100.64.0.0/10", // carrier-grade NAT
  "127.0.0.0/8", // loopback
  "169.254.0.0/16", // link-local, includes the cloud's metadata service
  "172.16.0.0/12", // private use
  "192.0.0.0/24", // protocol assignments
  "192.168.0.0/16", // private use
  "198.18.0.0/15", // benchmarking
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, broadcast
];

/** All allowed connections out of the cluster. */
export const outsideFlows: readonly OutsideFlow[] = [
  {
    from: { namespace: "nx-backend", applications: ["commerce", "ledger"] },
    to: { addresses: "0.0.0.0/0", except: privateAddresses, ports: [443] },
    egress: "allow-egress-to-s3",
  },
];
