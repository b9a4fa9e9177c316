/** Reads what a cluster knows about its backups. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { namespace } from "../../components/postgresql/cloudnative-pg/names.ts";
import { hibernation } from "../../components/postgresql/cloudnative-pg/clusters.ts";
import type { ClusterApi } from "../cluster-api.ts";
import type { Kubectl } from "../connect/kubectl.ts";
import { run } from "../programs.ts";
import { redis } from "../../components/redis/endpoint.ts";
import type { Archiver, BackupObject, ClusterObject, ObjectStoreObject, PostgresqlBackups } from "./objects.ts";
import type { CronJobObject, JobObject, PodObject, RedisBackups } from "./redis.ts";

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

/** Everything that {@link RedisBackups} has. */
export async function readRedisBackups(cluster: ClusterApi): Promise<RedisBackups> {
  const batch = "batch/v1";
  const [cronJobs, jobs, pods] = await Promise.all([
    cluster.list<CronJobObject>({ apiVersion: batch, kind: "CronJob" }, redis.namespace),
    cluster.list<JobObject>({ apiVersion: batch, kind: "Job" }, redis.namespace),
    cluster.pods<PodObject>(redis.namespace),
  ]);
  return { cronJobs, jobs, pods };
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
