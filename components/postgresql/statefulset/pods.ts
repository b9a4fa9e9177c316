import type { PodArgs } from "../../pod.ts";
import { configFiles, inMemory, scratch, secretFiles } from "../../pod.ts";
import { serverNames } from "../../../settings.ts";
import type { NodePool, PostgresqlSettings, ServerName } from "../../../settings.ts";
import { serviceHost } from "../../names.ts";
import { database, roles } from "../names.ts";
import { specified } from "../parameters.ts";
import { postgresql, primary, replica, server } from "./endpoints.ts";

/** Services, named after the servers that have these roles by default. */
export const [primaryName, replicaName] = serverNames;
export const primaryHost = serviceHost(primaryName, primary.namespace);
export const replicaHost = serviceHost(replicaName, replica.namespace);
/** Headless Service that gives a server's pod its DNS name. */
export const headlessName = (name: ServerName) => `${name}-headless`;
export const otherServer = (name: ServerName): ServerName => (name === primaryName ? replicaName : primaryName);
/** ConfigMap with the scripts of both roles: a server that changes its role is stopped by a script of the old one. */
export const scriptsName = "nx-postgresql-scripts";
export const port = postgresql.ports.postgresql;

/** UID and GID of `postgres` in the image. */
const uid = 70;
const replicationSlot = "nx_replica";
/** A database that exists on every server. */
const maintenanceDatabase = "postgres";
const scripts = "/scripts";
const credentials = "/credentials";
const passwordFile = "/var/run/postgresql/pgpass";

/** Names of the Secrets that hold the roles' passwords. */
export interface CredentialSecrets {
  readonly superuser: string;
  readonly app: string;
  readonly replication: string;
}

const options = (parameters: Readonly<Record<string, string | number>>): string[] =>
  Object.entries(parameters).flatMap(([name, value]) => ["-c", `${name}=${String(value)}`]);

/** Departures from the specification; docs/departures.md gives the reasons. */
const departures = (settings: PostgresqlSettings) => ({
  listen_addresses: "*",
  hba_file: `${scripts}/pg_hba.conf`,
  shared_preload_libraries: "pg_stat_statements",
  max_slot_wal_keep_size: settings.maxSlotWalKeepSize,
  wal_keep_size: settings.walKeepSize,
});

const parameters = (settings: PostgresqlSettings) => {
  const { wal_level, max_wal_senders, max_replication_slots, ...others } = specified(settings);
  return { wal_level, max_wal_senders, max_replication_slots, hot_standby: "on", ...others };
};

export const primaryArguments = (settings: PostgresqlSettings): string[] =>
  options({ ...parameters(settings), ...departures(settings) });

/** The specification's arguments of a replica, then those of the primary: a promoted replica must behave the same. */
export function replicaArguments(settings: PostgresqlSettings, name: ServerName): string[] {
  const source = {
    host: primaryHost,
    port,
    user: roles.replication,
    // Slot synchronization needs a database. With synchronized slots, change data capture continues after a promotion.
    dbname: maintenanceDatabase,
    application_name: `${name}-0`,
    passfile: passwordFile,
    sslmode: "prefer",
    connect_timeout: 5,
  };
  const { hot_standby, shared_buffers, max_connections, ...shared } = parameters(settings);
  return options({
    hot_standby,
    hot_standby_feedback: "on",
    shared_buffers,
    max_connections,
    ...shared,
    ...departures(settings),
    primary_slot_name: replicationSlot,
    sync_replication_slots: "on",
    primary_conninfo: Object.entries(source)
      .map(([key, value]) => `${key}=${String(value)}`)
      .join(" "),
  });
}

const shell = (script: string) => ["sh", `${scripts}/${script}`];

const probe = (
  command: readonly string[],
  periodSeconds: number,
  timeoutSeconds: number,
  failureThreshold: number,
) => ({
  exec: { command: [...command] },
  periodSeconds,
  timeoutSeconds,
  failureThreshold,
});

/** Waits one hour for the server process, which may still be in recovery: the replica may have to be cloned first. */
const startupProbe = probe(shell("alive.sh"), 2, 5, 1800);
const readinessProbe = probe(["pg_isready", "--quiet", "--host=/var/run/postgresql"], 5, 5, 3);

const environment = { PGDATA: "/var/lib/postgresql/data/pgdata", CREDENTIALS: credentials, APP_DATABASE: database };

/** Writable folders: the root file system is read-only. */
const folders = {
  volumes: { run: inMemory("16Mi"), shm: inMemory("256Mi"), tmp: scratch("64Mi") },
  mounts: { data: "/var/lib/postgresql/data", scripts, run: "/var/run/postgresql", shm: "/dev/shm", tmp: "/tmp" },
};

const preStop = shell("stop.sh");

/** Command in the server's container that prints what is wrong with it. */
export const check = shell("check.sh");

/** Common to both pods. */
const basePod = (pool: NodePool) => ({
  pool,
  spread: postgresql.pods,
  uid,
  gracePeriod: 120,
});

export interface ServerPodArgs {
  readonly name: ServerName;
  readonly settings: PostgresqlSettings;
  readonly image: string;
  readonly pool: NodePool;
  readonly secrets: CredentialSecrets;
  readonly checksums: PodArgs["checksums"];
}

/** The pod of the primary. A former standby checks the other server before it is promoted. */
export function primaryPod({ name, settings, image, pool, secrets, checksums }: ServerPodArgs): PodArgs {
  const common = { image, args: primaryArguments(settings), resources: settings.primary };
  return {
    ...basePod(pool),
    labels: { ...server(name).pods, ...primary.pods },
    checksums,
    volumes: {
      ...folders.volumes,
      scripts: configFiles(scriptsName),
      superuser: secretFiles(secrets.superuser),
      app: secretFiles(secrets.app),
      replication: secretFiles(secrets.replication),
    },
    initContainers: [
      {
        ...common,
        name: "init-primary",
        command: shell("init-primary.sh"),
        env: {
          ...environment,
          FORMER_PRIMARY_HOST: serviceHost(headlessName(otherServer(name)), primary.namespace),
          FORMER_PRIMARY_PORT: String(port),
          REPLICATION_SLOT: replicationSlot,
          OTHER_SERVER_LOST: String(settings.otherServerLost),
        },
        mounts: {
          ...folders.mounts,
          superuser: `${credentials}/superuser`,
          app: `${credentials}/app`,
          replication: `${credentials}/replication`,
        },
      },
    ],
    container: {
      ...common,
      name: "postgresql",
      command: shell("start-primary.sh"),
      env: environment,
      ports: primary.ports,
      mounts: folders.mounts,
      startupProbe,
      readinessProbe,
      livenessProbe: probe(shell("alive.sh"), 10, 10, 6),
      preStop,
    },
  };
}

/** The pod of the standby. A former primary steps down. */
export function replicaPod({ name, settings, image, pool, secrets, checksums }: ServerPodArgs): PodArgs {
  const common = {
    image,
    args: replicaArguments(settings, name),
    resources: settings.replica,
    env: { ...environment, PRIMARY_HOST: primaryHost, PRIMARY_PORT: String(port), REPLICATION_SLOT: replicationSlot },
    mounts: { ...folders.mounts, replication: `${credentials}/replication` },
  };
  return {
    ...basePod(pool),
    labels: { ...server(name).pods, ...replica.pods },
    checksums,
    volumes: { ...folders.volumes, scripts: configFiles(scriptsName), replication: secretFiles(secrets.replication) },
    initContainers: [{ ...common, name: "init-replica", command: shell("init-replica.sh") }],
    container: {
      ...common,
      name: "postgresql",
      command: shell("start-replica.sh"),
      ports: replica.ports,
      startupProbe,
      readinessProbe,
      livenessProbe: probe(shell("alive-replica.sh"), 10, 20, 3),
      preStop,
    },
  };
}
