import { eventually } from "../eventually.ts";
import { kubectl } from "../kubernetes.ts";
import { containerProcess } from "../processes.ts";
import {
  type ClusterNode,
  isMaster,
  missing,
  redisCli,
  redisClient,
  redisPod,
  redisPods,
  redisPodsReady,
  removeRedisClient,
  type RedisWriter,
  settledNodes,
  startRedisClient,
  startRedisWriter,
} from "../redis.ts";

/** Pods of three masters with two replicas each. */
const pods = 9;
/** The specification's limit for a failover of Redis, in seconds. */
const limit = 15;
const keys = 10_000;
const repaired = { timeout: 180 };

const podOf = ({ host }: ClusterNode) => ({ ...redisPod(0), name: host });

/** The cluster as it is when every master has two replicas. */
async function whole(): Promise<ClusterNode[]> {
  return eventually(async () => {
    await redisPodsReady(pods);
    const nodes = await settledNodes();
    const masters = nodes.filter((node) => isMaster(node) && node.slots !== "");
    const replicas = masters.map(({ id }) => nodes.filter(({ master }) => master === id).length);
    expect(replicas).toEqual([2, 2, 2]);
    return nodes;
  }, repaired);
}

/** A shard: its master and its replicas. */
async function shard(): Promise<{ master: ClusterNode; replicas: readonly ClusterNode[] }> {
  const nodes = await whole();
  const master = nodes.find((node) => isMaster(node) && node.slots !== "");
  if (master === undefined) throw new Error("there is no master");
  return { master, replicas: nodes.filter((node) => node.master === master.id) };
}

async function signal(nodes: readonly ClusterNode[], name: "SIGSTOP" | "SIGCONT"): Promise<void> {
  for (const node of nodes) process.kill((await containerProcess(podOf(node), "redis")).pid, name);
}

/** The longest time between two acknowledged writes, in seconds. */
const longestGap = ({ confirmed }: RedisWriter): number =>
  Math.max(...confirmed.map((time, index) => time - (confirmed[index - 1] ?? time))) / 1000;

const expectKeys = async (): Promise<void> => {
  expect(await redisClient("verify", String(keys))).toMatch(/^0 /);
};

beforeAll(async () => {
  await startRedisClient();
  expect(await redisClient("fill", String(keys))).toBe(String(keys));
});
afterAll(removeRedisClient);

test("a dead master's slots take writes again in time; at most the last second's writes are lost", async () => {
  const { master } = await shard();
  const writer = await startRedisWriter("failover");
  // A server that hangs does not come back: its replica has to take over.
  await signal([master], "SIGSTOP");
  const before = writer.confirmed.length;
  const stopped = Date.now();
  try {
    await eventually(() => writer.confirmed.length >= before + 1000, repaired);
  } finally {
    await signal([master], "SIGCONT");
  }
  await writer.stop();
  expect(longestGap(writer)).toBeLessThan(limit);
  await whole();
  const numbers = writer.confirmed.map((_, index) => index + 1);
  const lost = (await missing("failover", numbers)).split(",").filter((number) => number !== "");
  expect(lost.filter((number) => (writer.confirmed[Number(number) - 1] ?? 0) < stopped - 1000)).toEqual([]);
  await expectKeys();
});

test("a master that hears from no replica refuses writes until one answers again", async () => {
  const { master, replicas } = await shard();
  const key = await redisCli(podOf(master), "randomkey");
  // A write that changes nothing: the key never expires.
  const write = () => redisCli(podOf(master), "persist", key);
  await signal(replicas, "SIGSTOP");
  try {
    await eventually(async () => {
      expect(await write()).toContain("NOREPLICAS");
    });
  } finally {
    await signal(replicas, "SIGCONT");
  }
  await eventually(async () => {
    expect(await write()).toBe("0");
  });
});

test("all nine deleted at once come back with every key", async () => {
  await whole();
  const before = await redisPods();
  await kubectl([
    ...["delete", "pod", "--namespace", "nx-broker", "--force", "--grace-period=0", "--wait=false"],
    ...before.map(({ metadata }) => metadata.name),
  ]);
  await redisPodsReady(pods, before);
  await whole();
  await expectKeys();
});
