/** The stack's program. index.ts awaits it: reading the manifests of operators takes time. */
import * as pulumi from "@pulumi/pulumi";
import { checkClusterAccess, ClusterAccessError } from "./components/cluster-access.ts";
import { checkDeletions, DataLayer, liveClusters, RefusedDeletion } from "./components/data-layer.ts";
import { postgresqlUri as uriOf } from "./components/contract/credential.ts";
import { clusterReader } from "./components/operators/cluster-reader.ts";
import { usesCloudNativePg, usesStrimzi } from "./components/operators/installed.ts";
import { ManifestError, readManifests } from "./components/operators/manifest.ts";
import type { Manifests } from "./components/operators/manifest.ts";
import { checkRequirements, MissingOperator } from "./components/operators/requirements.ts";
import { InvalidSettings, readSettings } from "./settings.ts";
import type { Settings } from "./settings.ts";

/** The error without its stack, which Pulumi would print in addition to the message. */
function withoutStack({ message }: Error): Error {
  const error = new pulumi.RunError(message);
  error.stack = "";
  return error;
}

function settingsOfStack(): Settings {
  try {
    return readSettings(pulumi.getProject(), pulumi.runtime.allConfig());
  } catch (error) {
    throw error instanceof InvalidSettings ? withoutStack(error) : error;
  }
}

async function manifestsOf(settings: Settings): Promise<Manifests | undefined> {
  return readManifests(settings).catch((error: unknown) => {
    throw error instanceof ManifestError ? withoutStack(error) : error;
  });
}

/** The context, after its cluster has answered and has what the settings expect. */
async function usableContext(settings: Settings): Promise<string> {
  const { context } = settings.cluster;
  try {
    await checkClusterAccess(context);
    if (usesCloudNativePg(settings) || usesStrimzi(settings)) {
      await checkRequirements(await clusterReader(context), settings);
    }
    if (usesCloudNativePg(settings)) await checkDeletions(settings.postgresql, () => liveClusters(context));
  } catch (error) {
    throw error instanceof ClusterAccessError || error instanceof MissingOperator || error instanceof RefusedDeletion
      ? withoutStack(error)
      : error;
  }
  return context;
}

/** Makes the layer. Resolves with the stack's outputs. */
export async function program() {
  const settings = settingsOfStack();
  const [manifests, context] = await Promise.all([manifestsOf(settings), usableContext(settings)]);
  const layer = new DataLayer("bana", { settings, manifests, context });
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
