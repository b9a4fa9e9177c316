import { ApplicationPod } from "./application-pod.ts";
import { eventually } from "./eventually.ts";
import { exec, isReady, list, type Named, type Pod } from "./kubernetes.ts";

const namespace = "nx-broker";

/** A pod of the Redis Cluster. */
export const redisPod = (ordinal: number): Named => ({ namespace, name: `nx-redis-${ordinal}` });

/** All pods of the Redis Cluster. */
export const redisPods = async (): Promise<Pod[]> =>
  (await list<Pod>("pods", namespace)).filter(({ metadata }) => /^nx-redis-\d+$/.test(metadata.name));

/** Waits until `count` pods are Ready that are not among `not`, and returns all pods. */
export async function redisPodsReady(count: number, not: readonly Pod[] = []): Promise<Pod[]> {
  const old = new Set(not.map(({ metadata }) => metadata.uid));
  return eventually(
    async () => {
      const pods = await redisPods();
      const ready = pods.filter((pod) => isReady(pod) && !old.has(pod.metadata.uid)).length;
      // Benchmarks run without jest's expect.
      if (ready !== count) throw new Error(`${ready} of ${count} pods are ready`);
      return pods;
    },
    { timeout: 180 },
  );
}

/** Runs redis-cli in a pod of the cluster. */
export async function redisCli(pod: Named, ...args: string[]): Promise<string> {
  const script = 'REDISCLI_AUTH=$(cat /run/redis/password) exec redis-cli "$@"';
  return (await exec(pod, ["sh", "-c", script, "sh", ...args], { timeout: 30 })).replaceAll("\r", "").trim();
}

/** A cluster node as one of the pods sees it. */
export interface ClusterNode {
  readonly id: string;
  readonly host: string;
  readonly flags: readonly string[];
  /** Id of its master; `-` for a master. */
  readonly master: string;
  readonly slots: string;
  readonly epoch: string;
}

export const isMaster = ({ flags }: ClusterNode): boolean => flags.includes("master");

/** Parses the output of CLUSTER NODES or the content of nodes.conf; sorted by host name. */
export function parseNodes(text: string): ClusterNode[] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("vars "))
    .map((line) => {
      const [id = "", address = "", flags = "", master = "", , , epoch = "", , ...slots] = line.split(" ");
      const host = address.split(",")[1]?.split(".")[0] ?? "";
      return { id, host, flags: flags.replace("myself,", "").split(","), master, slots: slots.join(" "), epoch };
    })
    .sort((a, b) => a.host.localeCompare(b.host));
}

/** The cluster as a pod sees it, sorted by host name. */
export const clusterNodes = async (pod: Named): Promise<ClusterNode[]> =>
  parseNodes(await redisCli(pod, "cluster", "nodes"));

/**
 * Waits until no pod flags another one as `fail`, `fail?` (cleared by the next PONG) or `handshake`, and returns the
 * cluster as the first pod sees it.
 */
export async function settledNodes(): Promise<ClusterNode[]> {
  const pods = (await redisPods()).map(({ metadata: { name } }) => ({ namespace, name }));
  return eventually(async () => {
    const [first = [], ...others] = await Promise.all(pods.map(clusterNodes));
    const nodes = [first, ...others].flat();
    const flagged = nodes.filter(({ flags }) => flags.some((flag) => /^fail|^handshake/.test(flag)));
    if (flagged.length > 0) throw new Error(`nodes are not seen: ${JSON.stringify(flagged)}`);
    return first;
  });
}

const client = new ApplicationPod("redis-client", "redis-client.mjs");

/** Starts the pod that runs the cluster's clients. */
export const startRedisClient = (): Promise<void> => client.start();

export const removeRedisClient = (): Promise<void> => client.remove();

/** Runs a command of redis-client.mjs to completion and returns its output. */
export async function redisClient(...args: string[]): Promise<string> {
  return (await client.run(args, { timeout: 180 })).trim();
}

/** The numbers of a writer's keys that are missing, comma-separated. */
export async function missing(name: string, numbers: readonly number[]): Promise<string> {
  const found: string[] = [];
  // batches that fit into an environment variable
  for (let start = 0; start < numbers.length; start += 10_000) {
    const NUMBERS = numbers.slice(start, start + 10_000).join(",");
    found.push((await client.run(["missing", name], { timeout: 180, variables: { NUMBERS } })).trim());
  }
  return found.filter((each) => each !== "").join(",");
}

/** A client that continuously writes numbered keys. */
export interface RedisWriter {
  /** Time when each key was acknowledged, in milliseconds since the epoch; keys are numbered from 1. */
  readonly confirmed: readonly number[];
  /** Errors, after which the write was retried. */
  readonly errors: readonly string[];
  stop(): Promise<void>;
}

/** Starts a writer and waits until it writes. Its keys are `NAME:NUMBER`. */
export async function startRedisWriter(name: string): Promise<RedisWriter> {
  const confirmed: number[] = [];
  const errors: string[] = [];
  const { ended } = client.stream(["write", name], {
    onLine: (text) => void confirmed.push(Number(text.split(" ")[1])),
    onErrorLine: (text) => void errors.push(text),
  });
  await eventually(() => confirmed.length > 100);
  return {
    confirmed,
    errors,
    stop: async () => {
      await client.touch(`/tmp/stop-${name}`);
      await ended;
    },
  };
}
