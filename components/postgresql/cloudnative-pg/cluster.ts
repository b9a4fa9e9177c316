import type { NodePool, PostgresqlSettings } from "../../../settings.ts";
import { commonLabels, serviceHost } from "../../names.ts";
import { database, roles } from "../names.ts";
import { specified } from "../parameters.ts";
import type { Bootstrap, ClusterSpec, ExternalCluster, Plugin } from "./api.ts";
import { archiveParameters } from "./backup-store.ts";
import { namespace, services } from "./names.ts";

/** What backups and recovery add to a cluster. */
export interface ClusterBackup {
  /** The plugin that archives WAL. */
  readonly plugins?: readonly Plugin[];
  /** Where the data comes from. @default a new database */
  readonly bootstrap?: Bootstrap;
  /** Clusters that `bootstrap` names. */
  readonly externalClusters?: readonly ExternalCluster[];
}

export interface ClusterArgs {
  /** Name of the `Cluster`. */
  readonly name: string;
  readonly settings: PostgresqlSettings;
  readonly image: string;
  readonly pool: NodePool;
  readonly storageClass: string;
  /** ConfigMap with the scripts that run in its pods. */
  readonly scripts: string;
  /** Names of the Secrets with the passwords. */
  readonly secrets: { readonly superuser: string; readonly app: string };
  /** @default no archive, and a new database */
  readonly backup?: ClusterBackup;
}

/** Where the operator mounts what `projectedVolumeTemplate` names. */
const scripts = "/projected";

/** Command in a server's container that prints what is wrong with the cluster. */
export const check = (settings: PostgresqlSettings) => [
  "sh",
  `${scripts}/check.sh`,
  String(settings.instances),
  String(settings.synchronousReplicas),
  String(settings.backup.maxWalAge),
];

/** Encoding and collation as in the other stacks: the order of text must not change with a move. */
const newDatabase = (secret: string): Bootstrap => ({
  initdb: {
    database,
    owner: roles.app,
    secret: { name: secret },
    dataChecksums: true,
    encoding: "UTF8",
    localeCollate: "C.UTF-8",
    localeCType: "C.UTF-8",
  },
});

/** The specification's parameters, and what CloudNativePG leaves to its user. All values are text. */
const parameters = (settings: PostgresqlSettings): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries({
      ...specified(settings),
      ...archiveParameters(settings.backup),
      max_slot_wal_keep_size: settings.maxSlotWalKeepSize,
      wal_keep_size: settings.walKeepSize,
      // Copies of logical slots on the replicas: Debezium continues after a failover.
      sync_replication_slots: "on",
      hot_standby_feedback: "on",
      // The operator drops the extension from every database unless one of its parameters is set. The default.
      "pg_stat_statements.track": "top",
    }).map(([name, value]) => [name, String(value)]),
  );

/**
 * How long shutdowns may take, in seconds. A smart shutdown waits for clients to disconnect, and poolers never do: it
 * would only lengthen the gap. The fast shutdown after it writes a checkpoint, sends all WAL to the replicas and archives it.
 */
const shutdown = {
  smartShutdownTimeout: 1,
  // As the grace period of the other stacks' servers.
  stopDelay: 120,
  // A switchover waits for the archive of the former primary's WAL. Commits are on a replica already, so an object store
  // that is away must not keep the cluster without a primary for the default of an hour.
  switchoverDelay: 60,
};

/**
 * A primary that disappears without releasing its lease is replaced when the lease expires. The operator's default is 15 s,
 * half of the specification's limit for a failover. A primary that cannot renew its lease in time goes on as long as no
 * other server holds it, so a slow API server does no harm.
 */
const primaryLease = { leaseDurationSeconds: 6, renewDeadlineSeconds: 4, retryPeriodSeconds: 1 };

/** The `Cluster`: one primary, and replicas that can replace it. */
export function clusterSpec(args: ClusterArgs): ClusterSpec {
  const { name, settings, image, pool, storageClass, secrets, backup } = args;
  const { instances, synchronousReplicas } = settings;
  const { plugins, bootstrap, externalClusters } = backup ?? {};
  return {
    instances,
    imageName: image,
    bootstrap: bootstrap ?? newDatabase(secrets.app),
    ...(externalClusters && { externalClusters }),
    ...(plugins && { plugins }),
    inheritedMetadata: { labels: { "app.kubernetes.io/part-of": commonLabels["app.kubernetes.io/part-of"] } },
    enableSuperuserAccess: true,
    superuserSecret: { name: secrets.superuser },
    managed: {
      roles: [
        {
          name: roles.app,
          ensure: "present",
          login: true,
          createdb: true,
          inherit: true,
          connectionLimit: -1,
          passwordSecret: { name: secrets.app },
        },
      ],
      // Applications use the Services of the stack.
      services: { disabledDefaultServices: ["ro", "r"] },
    },
    certificates: {
      serverAltDNSNames: [services.primary, services.replica].flatMap((service) => [
        service,
        `${service}.${namespace}`,
        `${service}.${namespace}.svc`,
        serviceHost(service, namespace),
      ]),
    },
    postgresql: {
      parameters: parameters(settings),
      ...(synchronousReplicas > 0 && {
        synchronous: {
          method: "any",
          number: synchronousReplicas,
          dataDurability: "required",
          // Promotes only if a server is reachable that has every acknowledged commit.
          failoverQuorum: true,
        },
      }),
    },
    replicationSlots: { highAvailability: { enabled: true, synchronizeLogicalDecoding: true } },
    storage: { size: settings.storage, storageClass, resizeInUseVolumes: true },
    resources: settings.primary,
    ephemeralVolumesSizeLimit: { shm: "256Mi", temporaryData: "1Gi" },
    projectedVolumeTemplate: { sources: [{ configMap: { name: args.scripts } }] },
    affinity: {
      enablePodAntiAffinity: true,
      topologyKey: "kubernetes.io/hostname",
      podAntiAffinityType: settings.spread,
      ...(Object.keys(pool.nodeSelector).length > 0 && { nodeSelector: pool.nodeSelector }),
      ...(pool.tolerations.length > 0 && { tolerations: pool.tolerations }),
    },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "topology.kubernetes.io/zone",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: { "cnpg.io/cluster": name, "cnpg.io/podRole": "instance" } },
      },
    ],
    enablePDB: true,
    primaryUpdateStrategy: "unsupervised",
    primaryUpdateMethod: "switchover",
    // A server may have to replay much WAL, or to be cloned.
    startDelay: 3600,
    ...shutdown,
    primaryLease,
    probes: {
      liveness: { periodSeconds: 10, timeoutSeconds: 10, failureThreshold: 3 },
      readiness: { periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 },
    },
    logLevel: "info",
  };
}
