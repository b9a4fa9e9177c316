import { eventually } from "../eventually.ts";
import { containerProcess } from "../processes.ts";
import {
  type ClusterNode,
  isMaster,
  missing,
  redisPod,
  redisPodsReady,
  settledNodes,
  startRedisWriter,
} from "../redis.ts";

/** Pods of three masters with two replicas each, in Pulumi.local-production.yaml. */
export const pods = 9;

/** The specification's limit for a failover of Redis, in seconds. */
export const limit = 15;

const repaired = { timeout: 180 };

/** The pod of a node. */
export const podOf = ({ host }: ClusterNode) => ({ ...redisPod(0), name: host });

const isInUse = (node: ClusterNode): boolean => isMaster(node) && node.slots !== "";

/**
 * Waits until all nodes are seen and every master has a replica, and returns the nodes. Not two: when both replicas of a
 * master fail, Redis gives it one of another master's, and leaves it there.
 */
export async function whole(): Promise<ClusterNode[]> {
  return eventually(async () => {
    await redisPodsReady(pods);
    const nodes = await settledNodes();
    const replicas = nodes.filter(isInUse).map(({ id }) => nodes.filter(({ master }) => master === id).length);
    if (replicas.length !== 3 || replicas.reduce((sum, count) => sum + count) !== pods - 3 || replicas.includes(0)) {
      throw new Error(`the masters have ${replicas.join()} replicas`);
    }
    return nodes;
  }, repaired);
}

/** A master, and all replicas. */
export async function masterAndReplicas(): Promise<{ master: ClusterNode; replicas: readonly ClusterNode[] }> {
  const nodes = await whole();
  const master = nodes.find(isInUse);
  if (master === undefined) throw new Error("there is no master");
  return { master, replicas: nodes.filter((node) => !isMaster(node)) };
}

/** Sends a signal to the servers of these nodes. */
export async function signal(nodes: readonly ClusterNode[], name: "SIGSTOP" | "SIGCONT"): Promise<void> {
  for (const node of nodes) process.kill((await containerProcess(podOf(node), "redis")).pid, name);
}

/** What a writer saw while a master was lost. */
export interface RedisOutage {
  /** The longest time between two acknowledged writes, in seconds. */
  readonly gap: number;
  readonly acknowledged: number;
  /** For each acknowledged write that is lost, how long before the loss of the master it was acknowledged, in seconds. */
  readonly lost: readonly number[];
}

/**
 * Stops a master's server, which does not come back before a replica has taken over, while a client writes.
 * @param name the writer's; each outage needs another one
 */
export async function outageOfMaster(name: string): Promise<RedisOutage> {
  const { master } = await masterAndReplicas();
  const writer = await startRedisWriter(name);
  const { confirmed } = writer;
  await signal([master], "SIGSTOP");
  const before = confirmed.length;
  const stopped = Date.now();
  try {
    await eventually(() => confirmed.length >= before + 1000, repaired);
  } finally {
    await signal([master], "SIGCONT");
  }
  await writer.stop();
  await whole();
  const numbers = confirmed.map((_, index) => index + 1);
  const lost = (await missing(name, numbers)).split(",").filter((number) => number !== "");
  return {
    gap: Math.max(...confirmed.map((time, index) => time - (confirmed[index - 1] ?? time))) / 1000,
    acknowledged: confirmed.length,
    lost: lost.map((number) => (stopped - (confirmed[Number(number) - 1] ?? 0)) / 1000),
  };
}
