import { eventually } from "../eventually.ts";
import { kubectl } from "../kubernetes.ts";
import { redisCli, redisClient, redisPods, redisPodsReady, removeRedisClient, startRedisClient } from "../redis.ts";
import { limit, masterAndReplicas, outageOfMaster, podOf, pods, signal, whole } from "./redis-failover.ts";

const keys = 10_000;

const expectKeys = async (): Promise<void> => {
  expect(await redisClient("verify", String(keys))).toMatch(/^0 /);
};

beforeAll(async () => {
  await startRedisClient();
  expect(await redisClient("fill", String(keys))).toBe(String(keys));
});
afterAll(removeRedisClient);

test("a dead master's slots take writes again in time; at most the last second's writes are lost", async () => {
  const { gap, lost } = await outageOfMaster("failover");
  expect(gap).toBeLessThan(limit);
  expect(lost.filter((seconds) => seconds > 1)).toEqual([]);
  await expectKeys();
});

test("a master that hears from no replica refuses writes until one answers again", async () => {
  // All replicas: Redis would give this master one of another master's.
  const { master, replicas } = await masterAndReplicas();
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
