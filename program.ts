/** The stack's program. index.ts awaits it: reading the manifests of operators takes time. */
import * as pulumi from "@pulumi/pulumi";
import { CapacityCheck } from "./components/capacity/capacity-check.ts";
import { checkClusterAccess, ClusterAccessError } from "./components/cluster-access.ts";
import { checkDeletions, DataLayer, liveClusters, RefusedDeletion } from "./components/data-layer.ts";
import type { DataLayerArgs } from "./components/data-layer.ts";
import { postgresqlUri as uriOf } from "./components/contract/credential.ts";
import { clusterReader, installedOperators } from "./components/operators/cluster-reader.ts";
import { usesCloudNativePg, usesStrimzi } from "./components/operators/installed.ts";
import { ManifestError, readManifests } from "./components/operators/manifest.ts";
import { checkRemovals, RefusedRemoval } from "./components/operators/removal.ts";
import { checkRequirements, MissingOperator } from "./components/operators/requirements.ts";
import { InvalidSettings, readSettings } from "./settings.ts";
import type { Settings } from "./settings.ts";

/** Errors whose message says what to do. Pulumi would print a stack in addition to it. */
const explained = [
  InvalidSettings,
  ManifestError,
  ClusterAccessError,
  MissingOperator,
  RefusedDeletion,
  RefusedRemoval,
];

function withoutStack(error: unknown): unknown {
  if (!explained.some((type) => error instanceof type)) return error;
  const shown = new pulumi.RunError((error as Error).message);
  shown.stack = "";
  return shown;
}

/** What the layer is made of, after its cluster has answered and nothing speaks against the settings. */
async function prepared(): Promise<DataLayerArgs> {
  const settings = readSettings(pulumi.getProject(), pulumi.runtime.allConfig());
  const [manifests] = await Promise.all([readManifests(settings), checkCluster(settings)]);
  return { settings, manifests, context: settings.cluster.context };
}

async function checkCluster(settings: Settings): Promise<void> {
  const { context } = settings.cluster;
  await checkClusterAccess(context);
  await checkRemovals(await installedOperators(context), settings);
  if (usesCloudNativePg(settings) || usesStrimzi(settings)) await checkOperators(context, settings);
  if (usesCloudNativePg(settings)) await checkDeletions(settings.postgresql, () => liveClusters(context));
}

/** A preview only warns: pull requests are previewed against clusters that have no operators yet. */
async function checkOperators(context: string, settings: Settings): Promise<void> {
  try {
    await checkRequirements(await clusterReader(context), settings);
  } catch (error) {
    if (!(error instanceof MissingOperator) || !pulumi.runtime.isDryRun()) throw error;
    await pulumi.log.warn(`${error.message}\nAn update would end here, before it changes anything.`);
  }
}

/** Makes the layer. Resolves with the stack's outputs. */
export async function program() {
  const args = await prepared().catch((error: unknown) => {
    throw withoutStack(error);
  });
  const capacity = new CapacityCheck(args.settings.nodePools);
  const layer = new DataLayer("bana", args, capacity.options);
  capacity.run();
  const { postgresql, kafka, redis, typesense, debezium } = layer;
  const { pooled, primary, replica, database, app, superuser } = postgresql;
  return {
    /** How to connect to each store: see `Connection` in components/contract/connection.ts. */
    stores: layer.connections,

    postgresqlHost: pooled.host,
    postgresqlPort: pooled.port,
    postgresqlReplicaHost: replica.host,
    postgresqlAppSecret: app.secretName,
    postgresqlSuperuserSecret: superuser.secretName,

    /** Connection strings; Pulumi secrets. */
    postgresqlUri: uriOf(app, pooled, database),
    postgresqlSuperuserUri: uriOf(superuser, primary, database),

    kafkaBrokers: kafka.bootstrapServers,
    kafkaUserSecret: kafka.application.secretName,

    /** Seed addresses of the Redis Cluster. */
    redisNodes: redis.nodes,
    redisSecret: redis.credential.secretName,

    typesenseHost: typesense.address.host,
    typesensePort: typesense.address.port,
    typesenseSecret: typesense.apiKey.secretName,

    /** The connector in Kafka Connect's REST API. */
    debeziumUrl: debezium.connectorUrl,
  };
}
