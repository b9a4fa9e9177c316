/** What is known about the backups of PostgreSQL, as a report. Without I/O. */
import { hibernation } from "../../components/postgresql/cloudnative-pg/clusters.ts";
import { barmanPlugin, limitAnnotations } from "../../components/postgresql/cloudnative-pg/backup-store.ts";
import { namespace } from "../../components/postgresql/cloudnative-pg/names.ts";
import { duration, seconds } from "./duration.ts";
import type { Archiver, BackupObject, ClusterObject, ObjectStoreObject, PostgresqlBackups } from "./objects.ts";
import { newestFirst } from "./report.ts";
import type { BackupState, BaseBackup, ServerReport } from "./report.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** Defaults of `postgresql.backup`, for an ObjectStore without annotations. */
const defaults = { maxAge: 26, maxWalAge: 15 };

/** Minutes in which a new cluster takes its first base backup. */
const GRACE = 30;

const states: Readonly<Record<string, BackupState>> = {
  completed: "completed",
  failed: "failed",
  walArchivingFailing: "failed",
  "invalid backup definition": "failed",
};

function baseBackup({ metadata, status = {} }: BackupObject): BaseBackup {
  const { phase = "pending", startedAt, stoppedAt, error } = status;
  const started = startedAt ?? metadata.creationTimestamp;
  return {
    name: metadata.name,
    ...(started !== undefined && { started }),
    ...(startedAt !== undefined && stoppedAt !== undefined && { seconds: seconds(startedAt, stoppedAt) }),
    state: states[phase] ?? "running",
    ...(error !== undefined && { error }),
  };
}

/** The plugin's configuration in a cluster that archives into this store. */
const archivesInto = ({ spec }: ClusterObject, store: string) =>
  spec.plugins?.find(
    ({ name, enabled = true, parameters }) =>
      enabled && name === barmanPlugin && parameters?.barmanObjectName === store,
  );

/**
 * One report a server: of the clusters, and of those that are deleted and whose backups are still in a store.
 * @param now milliseconds since 1970
 * @param kubectl the command line that runs kubectl on the cluster, for messages
 */
export function postgresqlReports(known: PostgresqlBackups, now: number, kubectl: string): ServerReport[] {
  return known.stores.flatMap((store) => {
    const live = known.clusters.flatMap((cluster) => {
      const plugin = archivesInto(cluster, store.metadata.name);
      if (plugin === undefined) return [];
      return [
        liveServer(known, {
          store,
          cluster,
          server: plugin.parameters?.serverName ?? cluster.metadata.name,
          now,
          kubectl,
        }),
      ];
    });
    const windows = Object.keys(store.status?.serverRecoveryWindow ?? {});
    const gone = windows.filter((server) => !live.some((report) => report.server === server));
    return [...live, ...gone.map((server) => deletedServer(store, server))];
  });
}

const place = ({ spec }: ObjectStoreObject, server: string) => `${spec.configuration.destinationPath}/${server}`;

function deletedServer(store: ObjectStoreObject, server: string): ServerReport {
  const { firstRecoverabilityPoint: first, lastSuccessfulBackupTime: last } =
    store.status?.serverRecoveryWindow?.[server] ?? {};
  return {
    ...{ store: "PostgreSQL", server, state: "deleted", restores: "any moment" },
    ...{ place: place(store, server), backups: [], problems: [] },
    ...(first !== undefined && { first }),
    ...(last !== undefined && { last }),
  };
}

interface Server {
  readonly store: ObjectStoreObject;
  readonly cluster: ClusterObject;
  readonly server: string;
  readonly now: number;
  readonly kubectl: string;
}

function liveServer(known: PostgresqlBackups, context: Server): ServerReport {
  const { store, cluster, server, now } = context;
  const { name, annotations } = cluster.metadata;
  const isStopped = annotations?.[hibernation] === "on";
  const archiver = known.archivers[name];
  const backups = known.backups
    .filter(({ spec }) => spec.cluster.name === name)
    .map(baseBackup)
    .sort(newestFirst);
  const first = store.status?.serverRecoveryWindow?.[server]?.firstRecoverabilityPoint;
  const archived = typeof archiver === "object" ? (archiver.lastArchived ?? undefined) : undefined;
  return {
    ...{ store: "PostgreSQL", server, restores: "any moment", place: place(store, server), backups },
    state: isStopped ? "stopped" : "running",
    ...(first !== undefined && { first }),
    // A commit is in the WAL file that was being written when it happened, so it is in the archive at this moment.
    ...(first !== undefined && archived !== undefined && { last: archived }),
    ...(archived !== undefined && { logAge: seconds(archived, now) }),
    problems: isStopped ? [] : [...backupProblems(backups, context), ...archiveProblems(archiver, context)],
  };
}

const limit = ({ metadata }: ObjectStoreObject, name: keyof typeof defaults): number =>
  Number(metadata.annotations?.[limitAnnotations[name]] ?? defaults[name]);

function backupProblems(backups: readonly BaseBackup[], { store, cluster, now, kubectl }: Server): string[] {
  const problems: string[] = [];
  const [latest] = backups;
  const completed = backups.find(({ state }) => state === "completed");
  const show = (name: string) => `${kubectl} describe backup --namespace ${namespace} ${name}`;
  if (latest?.state === "failed") {
    problems.push(
      `the last base backup failed: ${oneLine(latest.error ?? "no reason is known")}. See: ${show(latest.name)}`,
    );
  }
  const maxAge = limit(store, "maxAge") * HOUR;
  const age = completed?.started === undefined ? undefined : seconds(completed.started, now);
  if (age !== undefined && age > maxAge) {
    problems.push(
      `the last base backup is ${duration(age)} old, more than postgresql.backup.maxAge (${duration(maxAge)}). ` +
        `See: ${kubectl} get backup,scheduledbackup --namespace ${namespace}`,
    );
  }
  const existence = seconds(cluster.metadata.creationTimestamp ?? new Date(now).toISOString(), now);
  if (completed === undefined && latest?.state !== "failed" && existence > GRACE * MINUTE) {
    problems.push(
      `there is no base backup: nothing can be recovered. See: ${kubectl} get backup,scheduledbackup --namespace ${namespace}`,
    );
  }
  return problems;
}

function archiveProblems(archiver: Archiver | string | undefined, { store, cluster, now, kubectl }: Server): string[] {
  const log =
    `${kubectl} logs --namespace ${namespace} --selector ` +
    `cnpg.io/cluster=${cluster.metadata.name},cnpg.io/instanceRole=primary --container plugin-barman-cloud --tail 5`;
  if (typeof archiver === "object") {
    const { waiting, waitingSince, lastArchived, lastFailed } = archiver;
    const waited = waitingSince === null ? 0 : seconds(waitingSince, now);
    const isFailing = lastFailed !== null && lastFailed > (lastArchived ?? "");
    if (waiting === 0 || !(isFailing || waited > limit(store, "maxWalAge") * MINUTE)) return [];
    const since = lastArchived === null ? "ever" : `since ${lastArchived}`;
    return [
      `WAL was not archived ${since}: ${String(waiting)} files wait, the oldest for ${duration(waited)}. What was written ` +
        `since then is lost with the cluster. Cause: ${log}`,
    ];
  }
  const condition = cluster.status?.conditions?.find(({ type }) => type === "ContinuousArchiving");
  const unknown = archiver ?? "it has no primary";
  const state =
    condition?.status === "False" ? `; the operator says: ${oneLine(condition.message ?? "archiving fails")}` : "";
  return [
    `its archive could not be examined: ${oneLine(unknown)}${state}. See: ${kubectl} get cluster --namespace ${namespace}`,
  ];
}

const oneLine = (text: string): string =>
  text
    .trim()
    .replaceAll(/\s*\n\s*/g, "; ")
    .replace(/\.$/, "");
