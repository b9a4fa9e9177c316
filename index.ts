import * as pulumi from "@pulumi/pulumi";
import { checkClusterAccess, ClusterAccessError } from "./components/cluster-access.ts";
import { DataLayer } from "./components/data-layer.ts";
import { host as debeziumHost, port as debeziumPort } from "./components/debezium/pods.ts";
import { host, servicePort } from "./components/pgbouncer/pods.ts";
import { replicaHost } from "./components/postgresql/pods.ts";
import { host as searchHost, key as apiKey, port as searchPort } from "./components/typesense/pods.ts";
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
const { app, superuser } = layer.postgresql;

/** The stores and how to reach them, for display to users. */
export const stores = layer.stores;

export const postgresqlHost = host;
export const postgresqlPort = servicePort;
export const postgresqlReplicaHost = replicaHost;
export const postgresqlAppSecret = app.secretName;
export const postgresqlSuperuserSecret = superuser.secretName;

/** Connection strings; Pulumi secrets. */
export const postgresqlUri = app.uri;
export const postgresqlSuperuserUri = superuser.uri;

export const kafkaBrokers = layer.kafka.bootstrapServers;
export const kafkaUserSecret = layer.kafka.application.secretName;

/** Seed addresses of the Redis Cluster. */
export const redisNodes = layer.redis.nodes;
export const redisSecret = layer.redis.secretName;

export const typesenseHost = searchHost;
export const typesensePort = searchPort;
export const typesenseSecret = apiKey.secret;

/** The connector's URL in Kafka Connect's REST API. */
export const debeziumUrl = `http://${debeziumHost}:${String(debeziumPort)}/connectors/nx-debezium`;
