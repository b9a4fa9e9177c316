import { backupStore, storeInUse } from "../../settings.ts";
import type { BackupJobSettings, Settings } from "../../settings.ts";
import { captureInit } from "../debezium/capture/endpoint.ts";
import { kafka } from "../kafka/statefulset/endpoint.ts";
import { brokers } from "../kafka/strimzi/endpoints.ts";
import { primary as primaryOfCluster } from "../postgresql/cloudnative-pg/endpoints.ts";
import { primary as primaryServer } from "../postgresql/statefulset/endpoints.ts";
import { internet } from "./addresses.ts";
import { kafkaFlows, redisFlows, searchFlows } from "./authenticated-flows.ts";
import { redisBackupFlows, typesenseBackupFlows } from "./backup-flows.ts";
import { backendToInstances, cloudNativePgFlows } from "./cloudnative-pg-flows.ts";
import type { CloudNativePgFlowSettings } from "./cloudnative-pg-flows.ts";
import type { Applications, Endpoint, Flow } from "./endpoint.ts";
import { backend, objectStore, only, storeAccess } from "./ends.ts";
import { specifiedSearchFlows } from "./search-flows.ts";
import { backendToStatefulSets, statefulSetFlows } from "./statefulset-flows.ts";
import { statefulSetKafkaFlows } from "./statefulset-kafka-flows.ts";
import { redisFlowsBesideStrimzi, strimziFlows } from "./strimzi-flows.ts";

/** The backend services that store files. */
const fileServices: Applications = { namespace: "nx-backend", applications: ["commerce", "ledger"] };

interface BacksUp {
  readonly backup: Pick<BackupJobSettings, "enabled">;
}

/** Settings that determine the flows. */
export interface FlowSettings extends Omit<CloudNativePgFlowSettings, "objectStore"> {
  readonly cluster: Pick<Settings["cluster"], "apiServer" | "clientPorts">;
  readonly objectStore: Settings["objectStore"];
  readonly postgresql: Pick<Settings["postgresql"], "implementation">;
  readonly kafka: Pick<Settings["kafka"], "implementation">;
  readonly typesense: Pick<Settings["typesense"], "replicas"> & BacksUp;
  readonly debezium: Pick<Settings["debezium"], "workers">;
  readonly redis: BacksUp;
}

/**
 * All allowed connections; everything else is denied. Policy names are the specification's. Flows that name the same
 * policy in the same namespace are merged. Ports are container ports: policies apply after the translation of Service
 * ports.
 */
export function flows(settings: FlowSettings): readonly Flow[] {
  const onOperator = settings.postgresql.implementation === "cloudnative-pg";
  const primary = onOperator ? primaryOfCluster : primaryServer;
  return [
    ...postgresqlFlows(settings),
    {
      from: captureInit,
      to: primary,
      egress: "allow-cdc-init-to-primary",
      ingress: "allow-from-cdc-init",
      reason: "The init Job of change data capture creates its role, publication and slot.",
    },
    ...brokerFlows(settings),
    ...backupFlows(settings),
    ...flowsOfSearch(settings, primary),
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
  ];
}

const isSpecified = ({ cluster }: FlowSettings) => cluster.clientPorts === "specified";

function postgresqlFlows(settings: FlowSettings): readonly Flow[] {
  const store = backupStore(settings);
  return settings.postgresql.implementation === "cloudnative-pg"
    ? [
        ...(isSpecified(settings) ? [backendToInstances] : []),
        ...cloudNativePgFlows({ ...settings, objectStore: store && storeAccess(store) }),
      ]
    : [...(isSpecified(settings) ? [backendToStatefulSets] : []), ...statefulSetFlows];
}

/** Connections of Redis and Kafka. */
function brokerFlows(settings: FlowSettings): readonly Flow[] {
  if (settings.kafka.implementation === "strimzi") {
    return [...(isSpecified(settings) ? redisFlowsBesideStrimzi : redisFlows), ...strimziFlows(settings)];
  }
  return isSpecified(settings) ? statefulSetKafkaFlows : [...redisFlows, ...kafkaFlows];
}

function backupFlows({ redis, typesense, objectStore: given }: FlowSettings): readonly Flow[] {
  const inUse = storeInUse(given);
  if (inUse === undefined) return [];
  const store = objectStore(storeAccess(inUse));
  return [
    ...(redis.backup.enabled ? redisBackupFlows(store) : []),
    ...(typesense.backup.enabled ? typesenseBackupFlows(store) : []),
  ];
}

/** Connections of Typesense and Debezium. */
function flowsOfSearch(settings: FlowSettings, primary: Endpoint): readonly Flow[] {
  const ends = {
    primary,
    brokers: settings.kafka.implementation === "strimzi" ? brokers : only(kafka, "client"),
    nodes: settings.typesense.replicas,
    workers: settings.debezium.workers,
  };
  return isSpecified(settings) ? specifiedSearchFlows(ends) : searchFlows(ends);
}
