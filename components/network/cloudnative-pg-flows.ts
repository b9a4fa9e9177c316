import type { Settings } from "../../settings.ts";
import { barmanCloud, cloudNativePg, operatorOf } from "../operators/endpoints.ts";
import { database, initDatabase, poolers, primary, storeCheck } from "../postgresql/cloudnative-pg/endpoints.ts";
import type { Endpoint, Flow, ForeignPods } from "./endpoint.ts";
import { allPods, apiServer, backend, objectStore, only } from "./ends.ts";
import type { ObjectStoreAccess } from "./ends.ts";

export interface CloudNativePgFlowSettings {
  readonly cluster: Pick<Settings["cluster"], "apiServer">;
  readonly operators: Settings["operators"];
  /** Without one, nothing is archived, and the Barman Cloud plugin is not installed. */
  readonly objectStore?: ObjectStoreAccess | undefined;
}

/** What the specification's table opens to the servers, past the poolers. */
export const backendToInstances: Flow = {
  from: backend,
  to: allPods("nx-persistent", only(database, "postgresql").ports),
  egress: "allow-egress-to-postgresql",
  ingress: "allow-from-backend",
  reason: "Backend services read and write their database.",
};

/**
 * Connections of PostgreSQL on CloudNativePG. Its pods answer the kubelet's probes without a line here: policies do
 * not apply to traffic from a pod's own node.
 */
export const cloudNativePgFlows = (settings: CloudNativePgFlowSettings): readonly Flow[] => [
  {
    from: backend,
    to: only(poolers, "pgbouncer"),
    egress: "allow-egress-to-postgresql",
    ingress: "allow-pgbouncer-from-backend",
    reason: "Backend services connect through the poolers.",
  },
  {
    from: poolers,
    to: primary,
    egress: "allow-pgbouncer-to-primary",
    ingress: "allow-from-pgbouncer",
    reason: "The poolers connect to the primary.",
  },
  {
    from: database,
    to: only(database, "postgresql", "status"),
    egress: "allow-pg-replication",
    ingress: "allow-pg-replication",
    reason:
      "Instances replicate. A primary without API server stops itself unless its peers answer on the status port.",
  },
  {
    from: initDatabase,
    to: primary,
    egress: "allow-init-to-primary",
    ingress: "allow-from-init",
    reason: "The init Job makes the application's role the owner of its database.",
  },
  {
    from: database,
    to: apiServer(settings),
    egress: "allow-postgresql-to-api-server",
    reason: "The instance manager of each instance watches its Cluster and holds the primary's Lease.",
  },
  {
    from: poolers,
    to: apiServer(settings),
    egress: "allow-pgbouncer-to-api-server",
    reason: "The instance manager of each pooler watches its Pooler and its Secrets.",
  },
  ...fromOperator(operatorOf(settings)),
  ...(settings.objectStore
    ? [
        {
          from: database,
          to: objectStore(settings.objectStore),
          egress: "allow-postgresql-to-object-store",
          reason: "The plugin's sidecar in each instance archives WAL and base backups, and reads them for a recovery.",
        },
        {
          from: storeCheck,
          to: objectStore(settings.objectStore),
          egress: "allow-store-check-to-object-store",
          reason: "A Job writes to the object store before any backup is taken, and says what is wrong.",
        },
      ]
    : []),
  ...(settings.operators.cloudNativePg.mode === "install" ? operatorFlows(settings) : []),
];

/** The operator's connections to the instances; of an operator that is not ours, only the policy at the instances. */
function fromOperator(operator: Endpoint | ForeignPods): readonly Flow[] {
  const flow = {
    to: only(database, "postgresql", "status"),
    ingress: "allow-from-operator",
    reason: "The operator reads the instances' status, and controls them.",
  };
  return [
    "namespace" in operator
      ? { ...flow, from: operator, egress: "allow-operator-to-postgresql" }
      : { ...flow, from: operator },
  ];
}

/** Connections of the operators that this program installs. */
const operatorFlows = (settings: CloudNativePgFlowSettings): readonly Flow[] => [
  {
    from: apiServer(settings),
    to: cloudNativePg,
    ingress: "allow-webhook-from-api-server",
    reason: "The API server has every Cluster, Pooler and Backup checked by the operator's webhooks.",
  },
  {
    from: cloudNativePg,
    to: apiServer(settings),
    egress: "allow-operator-to-api-server",
    reason: "The operator watches its objects, and creates pods, Services and Secrets.",
  },
  ...(settings.objectStore ? pluginFlows(settings) : []),
];

const pluginFlows = (settings: CloudNativePgFlowSettings): readonly Flow[] => [
  {
    from: cloudNativePg,
    to: barmanCloud,
    egress: "allow-operator-to-barman-cloud",
    ingress: "allow-barman-cloud-from-operator",
    reason: "The operator asks the plugin what to add to the pods, over mutual TLS.",
  },
  {
    from: barmanCloud,
    to: apiServer(settings),
    egress: "allow-barman-cloud-to-api-server",
    reason: "The plugin watches its ObjectStores, and grants the instances access to their Secrets.",
  },
];
