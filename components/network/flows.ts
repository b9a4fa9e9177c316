import { backupStore } from "../../settings.ts";
import type { Settings } from "../../settings.ts";
import { captureInit } from "../debezium/capture/endpoint.ts";
import { debezium } from "../debezium/endpoint.ts";
import { kafka } from "../kafka/statefulset/endpoint.ts";
import { primary as primaryOfCluster } from "../postgresql/cloudnative-pg/endpoints.ts";
import { primary as primaryServer } from "../postgresql/statefulset/endpoints.ts";
import { redis } from "../redis/endpoint.ts";
import { peering, typesense } from "../typesense/endpoint.ts";
import { internet } from "./addresses.ts";
import { cloudNativePgFlows } from "./cloudnative-pg-flows.ts";
import type { CloudNativePgFlowSettings } from "./cloudnative-pg-flows.ts";
import type { Applications, Flow } from "./endpoint.ts";
import { allPods, backend, only, storeAccess } from "./ends.ts";
import { statefulSetFlows } from "./statefulset-flows.ts";

const broker = allPods("nx-broker", { ...redis.ports, ...kafka.ports });
const search = allPods("nx-search", {});
/** The backend services that store files. */
const fileServices: Applications = { namespace: "nx-backend", applications: ["commerce", "ledger"] };

/** Settings that determine the flows. */
export interface FlowSettings extends Omit<CloudNativePgFlowSettings, "objectStore"> {
  readonly objectStore: Settings["objectStore"];
  readonly postgresql: Pick<Settings["postgresql"], "implementation">;
  readonly typesense: Pick<Settings["typesense"], "replicas">;
}

/**
 * All allowed connections; everything else is denied. Policy names are the specification's. Flows that name the same
 * policy in the same namespace are merged. Ports are container ports: policies apply after the translation of Service
 * ports.
 */
export function flows(settings: FlowSettings): readonly Flow[] {
  const onOperator = settings.postgresql.implementation === "cloudnative-pg";
  const store = backupStore(settings);
  const primary = onOperator ? primaryOfCluster : primaryServer;
  return [
    ...(onOperator ? cloudNativePgFlows({ ...settings, objectStore: store && storeAccess(store) }) : statefulSetFlows),
    {
      from: captureInit,
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
}

const typesensePeering: Flow = {
  from: peering,
  to: peering,
  egress: "allow-typesense-peering",
  ingress: "allow-typesense-peering",
  reason: "Several nodes (`typesense.replicas`) replicate with Raft, which requires no API key.",
};
