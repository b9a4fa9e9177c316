import * as pulumi from "@pulumi/pulumi";
import { checkClusterAccess, ClusterAccessError } from "./components/cluster-access.ts";
import { DataLayer } from "./components/data-layer.ts";
import { postgresqlUri as uriOf } from "./components/contract/credential.ts";
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

/** The context, after its cluster has answered: until then Pulumi previews and creates nothing in it. */
async function reachableContext({ cluster: { context } }: Settings): Promise<string> {
  await checkClusterAccess(context).catch((error: unknown) => {
    throw error instanceof ClusterAccessError ? withoutStack(error) : error;
  });
  return context;
}

const settings = settingsOfStack();
const layer = new DataLayer("bana", { settings, context: reachableContext(settings) });
const { postgresql, kafka, redis, typesense, debezium } = layer;
const { pooled, primary, replica, database, app, superuser } = postgresql;

/** How to connect to each store: see `Connection` in components/contract/connection.ts. */
export const stores = layer.connections;

export const postgresqlHost = pooled.host;
export const postgresqlPort = pooled.port;
export const postgresqlReplicaHost = replica.host;
export const postgresqlAppSecret = app.secretName;
export const postgresqlSuperuserSecret = superuser.secretName;

/** Connection strings; Pulumi secrets. */
export const postgresqlUri = uriOf(app, pooled, database);
export const postgresqlSuperuserUri = uriOf(superuser, primary, database);

export const kafkaBrokers = kafka.bootstrapServers;
export const kafkaUserSecret = kafka.application.secretName;

/** Seed addresses of the Redis Cluster. */
export const redisNodes = redis.nodes;
export const redisSecret = redis.credential.secretName;

export const typesenseHost = typesense.address.host;
export const typesensePort = typesense.address.port;
export const typesenseSecret = typesense.apiKey.secretName;

/** The connector in Kafka Connect's REST API. */
export const debeziumUrl = debezium.connectorUrl;
