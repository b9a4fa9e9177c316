import { isDeepStrictEqual } from "node:util";
import { get, isReady, kubectl, type KubernetesObject, list, type Named, type Pod, exec } from "../kubernetes.ts";
import { database } from "../postgresql.ts";
import { containerProcess, processes } from "../processes.ts";

const namespace = "nx-persistent";
const container = "postgres";

/** Image with PostgreSQL's client programs, from Pulumi.local-production.yaml. */
export const clientImage = "local.bana/debian-postgresql:17";

/** Number of servers in Pulumi.local-production.yaml. */
export const servers = 3;

interface Cluster extends KubernetesObject {
  readonly status: {
    readonly phase: string;
    readonly currentPrimary: string;
    readonly instanceNames: readonly string[];
    readonly readyInstances?: number;
  };
}

/** The operator's view of PostgreSQL. */
export const cluster = (): Promise<Cluster> => get<Cluster>("clusters.postgresql.cnpg.io", at("nx-postgresql"));

const at = (name: string): Named => ({ namespace, name });

/** The pod of the current primary. */
export const primaryPod = async (): Promise<Named> => at((await cluster()).status.currentPrimary);

/** The pods of the servers. */
export async function serverPods(): Promise<readonly Pod[]> {
  const pods = await list<Pod>("pods", namespace);
  return pods.filter(({ metadata }) => metadata.labels?.["cnpg.io/podRole"] === "instance");
}

/** Runs SQL in a server's pod, as superuser. Returns rows as lines, columns separated by `|`. */
export async function sqlIn(pod: Named, statements: string): Promise<string> {
  const command = ["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", database];
  return (await exec(pod, command, { container, input: statements, timeout: 60 })).trim();
}

/** Runs SQL on the current primary, as superuser. */
export const sql = async (statements: string): Promise<string> => sqlIn(await primaryPod(), statements);

/** Throws unless all servers are Ready, and all replicas stream and have a usable copy of Debezium's slot. */
export async function isWhole(): Promise<void> {
  const { phase, readyInstances, currentPrimary } = (await cluster()).status;
  const pods = await serverPods();
  const streaming = await sql(
    "select count(*) from pg_stat_replication where usename = 'streaming_replica' and state = 'streaming'",
  );
  const copies = await Promise.all(
    pods
      .filter(({ metadata }) => metadata.name !== currentPrimary)
      .map(async ({ metadata }) =>
        sqlIn(
          at(metadata.name),
          "select count(*) from pg_replication_slots where slot_name = 'nx_debezium' and synced and not temporary",
        ),
      ),
  );
  const state = { phase, readyInstances, ready: pods.filter(isReady).length, streaming, copies };
  const replicas = servers - 1;
  const whole = {
    ...{ phase: "Cluster in healthy state", readyInstances: servers, ready: servers },
    ...{ streaming: String(replicas), copies: Array.from({ length: replicas }, () => "1") },
  };
  if (!isDeepStrictEqual(state, whole)) throw new Error(`not all servers replicate: ${JSON.stringify(state)}`);
}

/** Deletes pods without waiting for their processes, as when their node is lost. */
export const deleteByForce = (...pods: readonly Named[]): Promise<string> =>
  kubectl([
    ...["delete", "pod", "--namespace", namespace, "--force", "--grace-period=0", "--wait=false"],
    ...pods.map(({ name }) => name),
  ]);

/** Kills the server process of a pod, but not the operator's process above it. */
export async function killPostgres(pod: Named): Promise<void> {
  const { pid: manager } = await containerProcess(pod, container);
  const postmaster = processes().find(({ parent, name }) => parent === manager && name === "postgres");
  if (postmaster === undefined) throw new Error(`there is no postgres in ${pod.name}`);
  process.kill(postmaster.pid, "SIGKILL");
}

/** Kills the whole container of a pod. */
export async function killContainer(pod: Named): Promise<void> {
  process.kill((await containerProcess(pod, container)).pid, "SIGKILL");
}
