import { debezium } from "../debezium/endpoint.ts";
import { kafka } from "../kafka/endpoint.ts";
import type { Namespace } from "../names.ts";
import { pgbouncer } from "../pgbouncer/endpoint.ts";
import { postgresql, primary } from "../postgresql/endpoints.ts";
import { redis } from "../redis/endpoint.ts";
import { peering, typesense } from "../typesense/endpoint.ts";
import type { Endpoint, Flow, OutsideFlow } from "./endpoint.ts";

/** Some of an endpoint's ports, by name. */
const only = (end: Endpoint, ...names: readonly string[]): Endpoint => ({
  ...end,
  ports: Object.fromEntries(Object.entries(end.ports).filter(([name]) => names.includes(name))),
});

/** All pods of a namespace, with the ports of one of them: where the specification's table does not name the pods. */
const anyOf = (namespace: Namespace, ports: Endpoint["ports"] = {}): Endpoint => ({ namespace, pods: {}, ports });

/** The services of the application, deployed by others. */
const backend = anyOf("nx-backend", { http: 3000 });
const persistent = anyOf("nx-persistent", { ...postgresql.ports, ...pgbouncer.ports });
const broker = anyOf("nx-broker", { ...redis.ports, ...kafka.ports });
const search = anyOf("nx-search");

/**
 * Who may open a connection to whom, named as in the specification. Lines that name the same policy in the same namespace are
 * merged into it. Ports are the server's pod ports: a policy never sees the port of a Service.
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
    to: anyOf("nx-search", typesense.ports),
    egress: "allow-egress-to-search",
    ingress: "allow-from-backend",
  },
  {
    from: search,
    to: anyOf("nx-search", debezium.ports),
    egress: "allow-search-internal",
    ingress: "allow-search-internal",
  },
  {
    from: search,
    to: anyOf("nx-search", typesense.ports),
    egress: "allow-search-internal",
    ingress: "allow-search-internal",
  },
  { from: search, to: primary, egress: "egress-nx-search", ingress: "allow-from-search" },
  { from: search, to: only(kafka, "client"), egress: "egress-nx-search", ingress: "allow-from-search" },
  { from: backend, to: backend, egress: "allow-egress-to-backend", ingress: "allow-from-backend" },
];

/** What Typesense's nodes open to each other, if there are several. */
export const typesensePeering: Flow = {
  from: peering,
  to: peering,
  egress: "allow-typesense-peering",
  ingress: "allow-typesense-peering",
};

/** IPv4 addresses that are nobody's on the internet, or that no cluster should reach there: IANA's special-purpose registry. */
const privateAddresses = [
  "0.0.0.0/8", // this network
  "10.0.0.0/8", // private use
  "100.64.0.0/10", // shared by carriers
  "127.0.0.0/8", // loopback
  "169.254.0.0/16", // link-local: metadata of the cloud
  "172.16.0.0/12", // private use
  "192.0.0.0/24", // protocol assignments
  "192.168.0.0/16", // private use
  "198.18.0.0/15", // benchmarks
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, broadcast
];

/** Who may open a connection out of the cluster. */
export const outsideFlows: readonly OutsideFlow[] = [
  {
    from: { namespace: "nx-backend", applications: ["commerce", "ledger"] },
    to: { addresses: "0.0.0.0/0", except: privateAddresses, ports: [443] },
    egress: "allow-egress-to-s3",
  },
];
