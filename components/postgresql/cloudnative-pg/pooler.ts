import { poolerConnections } from "../../../settings.ts";
import type { NodePool, PgBouncerSettings } from "../../../settings.ts";
import { commonLabels } from "../../names.ts";
import type { PoolerSpec } from "./api.ts";
import { pooler } from "./endpoints.ts";

const scripts = "/scripts";

/** Command in the pooler's container that prints what is wrong with it. */
export const check = ["sh", `${scripts}/check-pooler.sh`];

export interface PoolerArgs {
  /** Name of the `Pooler`. */
  readonly name: string;
  readonly cluster: string;
  readonly poolMode: "transaction" | "session";
  readonly settings: PgBouncerSettings;
  readonly image: string;
  readonly pool: NodePool;
  /** ConfigMap with the scripts. */
  readonly scripts: string;
}

/** Sizes of the pools: the operator's configuration has one pool for all databases. */
function sizes(poolMode: PoolerArgs["poolMode"], settings: PgBouncerSettings) {
  const { sessionPoolSize } = settings;
  if (poolMode === "session") {
    return {
      default_pool_size: sessionPoolSize,
      min_pool_size: 0,
      reserve_pool_size: 0,
      max_db_connections: sessionPoolSize,
      max_user_connections: sessionPoolSize,
    };
  }
  return {
    default_pool_size: settings.defaultPoolSize,
    min_pool_size: settings.minPoolSize,
    reserve_pool_size: settings.reservePoolSize,
    max_db_connections: settings.maxDatabaseConnections,
    // Over all databases, so that all pools together fit the server's max_connections.
    max_user_connections: poolerConnections(settings).application - sessionPoolSize,
  };
}

const parameters = ({ poolMode, settings }: PoolerArgs): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries({
      max_client_conn: settings.maxClientConnections,
      ...sizes(poolMode, settings),
      max_prepared_statements: 200,
      server_reset_query: "DISCARD ALL",
      server_reset_query_always: settings.resetSession ? 1 : 0,
      server_lifetime: settings.serverLifetime,
      idle_transaction_timeout: settings.idleTransactionTimeout,
      query_wait_timeout: settings.queryWaitTimeout,
      // Finds the new primary within seconds after a failover.
      server_login_retry: 1,
      server_connect_timeout: 5,
      dns_max_ttl: 5,
      // A primary that disappears with its node closes no connection: without these, clients would wait for minutes.
      tcp_user_timeout: 5000,
      tcp_keepidle: 5,
      tcp_keepintvl: 2,
      tcp_keepcnt: 3,
      // Probes connect every few seconds.
      log_connections: 0,
      log_disconnections: 0,
    }).map(([name, value]) => [name, String(value)]),
  );

/** PgBouncer before the primary of a cluster. */
export function poolerSpec(args: PoolerArgs): PoolerSpec {
  const { settings, pool } = args;
  const { pods } = pooler(args.name);
  const tcpSocket = { port: "pgbouncer" };
  return {
    cluster: { name: args.cluster },
    type: "rw",
    instances: settings.replicas,
    deploymentStrategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    pgbouncer: { poolMode: args.poolMode, image: args.image, parameters: parameters(args) },
    template: {
      metadata: {
        labels: { "app.kubernetes.io/part-of": commonLabels["app.kubernetes.io/part-of"] },
      },
      spec: {
        enableServiceLinks: false,
        terminationGracePeriodSeconds: 90,
        ...(Object.keys(pool.nodeSelector).length > 0 && { nodeSelector: pool.nodeSelector }),
        ...(pool.tolerations.length > 0 && { tolerations: pool.tolerations }),
        topologySpreadConstraints: ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map((topologyKey) => ({
          maxSkew: 1,
          topologyKey,
          whenUnsatisfiable: "ScheduleAnyway",
          labelSelector: { matchLabels: pods },
        })),
        containers: [
          {
            // The operator recognizes its container by the name, and adds image, command, ports and security context.
            name: "pgbouncer",
            resources: settings.resources,
            readinessProbe: { tcpSocket, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 3 },
            livenessProbe: { tcpSocket, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
            // The endpoint leaves the Service first, so that no new client arrives.
            lifecycle: { preStop: { sleep: { seconds: 5 } } },
            volumeMounts: [{ name: "scripts", mountPath: scripts, readOnly: true }],
          },
        ],
        volumes: [{ name: "scripts", configMap: { name: args.scripts } }],
      },
    },
  };
}
