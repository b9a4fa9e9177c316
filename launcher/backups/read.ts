/** Reads what a cluster knows about its backups. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { namespace } from "../../components/postgresql/cloudnative-pg/names.ts";
import { hibernation } from "../../components/postgresql/cloudnative-pg/clusters.ts";
import type { ClusterApi } from "../cluster-api.ts";
import type { Kubectl } from "../connect/kubectl.ts";
import { run } from "../programs.ts";
import type { Archiver, BackupObject, ClusterObject, ObjectStoreObject, PostgresqlBackups } from "./objects.ts";
import { jobStores } from "./jobs.ts";
import type { CronJobObject, JobBackups, JobObject, PodObject } from "./jobs.ts";

const TIMEOUT_MS = 30_000;

const api = "postgresql.cnpg.io/v1";
const kinds = {
  clusters: { apiVersion: api, kind: "Cluster" },
  backups: { apiVersion: api, kind: "Backup" },
  stores: { apiVersion: "barmancloud.cnpg.io/v1", kind: "ObjectStore" },
} as const;

/** Everything that {@link PostgresqlBackups} has. */
export async function readPostgresqlBackups(cluster: ClusterApi, kubectl: Kubectl): Promise<PostgresqlBackups> {
  const [clusters, backups, stores] = await Promise.all([
    cluster.list<ClusterObject>(kinds.clusters, namespace),
    cluster.list<BackupObject>(kinds.backups, namespace),
    cluster.list<ObjectStoreObject>(kinds.stores, namespace),
  ]);
  const running = clusters.filter(({ metadata }) => metadata.annotations?.[hibernation] !== "on");
  const answers = running.map(async ({ metadata, status }) => {
    const primary = status?.currentPrimary;
    return [metadata.name, primary === undefined ? "it has no primary" : await readArchiver(kubectl, primary)] as const;
  });
  return { clusters, backups, stores, archivers: Object.fromEntries(await Promise.all(answers)) };
}

/** Everything that {@link JobBackups} has, of every store. */
export async function readJobBackups(cluster: ClusterApi): Promise<JobBackups[]> {
  const batch = "batch/v1";
  return Promise.all(
    jobStores.map(async (store) => {
      const { namespace } = store.backup;
      const [cronJobs, jobs, pods] = await Promise.all([
        cluster.list<CronJobObject>({ apiVersion: batch, kind: "CronJob" }, namespace),
        cluster.list<JobObject>({ apiVersion: batch, kind: "Job" }, namespace),
        cluster.pods<PodObject>(namespace),
      ]);
      return { store, cronJobs, jobs, pods };
    }),
  );
}

/** What a primary says about its archive, or why it says nothing. */
async function readArchiver({ program, cluster, env }: Kubectl, pod: string): Promise<Archiver | string> {
  const query = readFileSync(path.join(import.meta.dirname, "archiver.sql"), "utf8");
  const exec = ["exec", "--quiet", "--namespace", namespace, pod, "--container", "postgres", "--"];
  const psql = ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", `--command=${query}`];
  const { code, stdout, stderr } = await run({
    argv: [program, ...cluster, ...exec, ...psql],
    env,
    timeoutMs: TIMEOUT_MS,
  });
  if (code === 0) return JSON.parse(stdout) as Archiver;
  return stderr.trim().split("\n").at(0) || `no answer in ${String(TIMEOUT_MS / 1000)} s`;
}
