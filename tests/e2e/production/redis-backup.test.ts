import { kubectl } from "../kubernetes.ts";
import { loseVolumesByForce, volumesReplaced } from "../lost-volumes.ts";
import { redisCli, redisClient, redisPod, redisPods, removeRedisClient, startRedisClient } from "../redis.ts";
import { pulumi } from "../stack.ts";
import { backUp, restore } from "./backup-jobs.ts";
import { reportOn } from "./backups.ts";

const namespace = "nx-broker";
const cronJob = { namespace, name: "nx-redis-backup" };
const keys = 10_000;
const hash = 'a hash with "quotes"';

const cli = (...args: string[]): Promise<string> => redisCli(redisPod(0), "-c", ...args);

beforeAll(async () => {
  await startRedisClient();
  expect(await redisClient("fill", String(keys))).toBe(String(keys));
  await cli("hset", hash, "field", "value");
  await cli("expire", hash, "100000");
});
afterAll(async () => {
  await removeRedisClient();
});

test("a backup is in the object store, and npm run backups lists it", async () => {
  await backUp(cronJob, "backup-1", "Complete");
  const report = await reportOn("nx-redis");
  expect(report?.backups[0]).toMatchObject({
    name: expect.stringMatching(/^\d{8}T\d{6}Z$/) as unknown,
    state: "completed",
  });
  expect(report?.problems).toEqual([]);
});

test("a restore into a cluster with keys is refused, and so is a backup that does not exist", async () => {
  const [withKeys, unknown] = await Promise.all([restore("redis"), restore("redis", "--from", "20200101T000000Z")]);
  expect(withKeys.stdout).toMatch(/the cluster has \d+ keys, and nothing was changed.*--into-existing/);
  expect(unknown.stdout).toMatch(/there is no backup 20200101T000000Z. The newest are: \d{8}T/);
  expect([withKeys.code, unknown.code]).toEqual([1, 1]);
});

test("after the loss of all volumes, a restore brings back every key", async () => {
  const lost = (await redisPods()).map(({ metadata: { name } }) => ({ namespace, name }));
  await volumesReplaced(await loseVolumesByForce(...lost));
  await kubectl(["delete", "job", "nx-redis-cluster-init", "--namespace", namespace]);
  await pulumi("up", "--yes", "--skip-preview", "--refresh");
  expect(await cli("exists", hash)).toBe("0");

  const { code, stdout } = await restore("redis", "--from", "latest");
  expect(stdout).toContain("Restored.");
  expect(code).toBe(0);
  expect(await redisClient("verify", String(keys))).toMatch(/^0 /);
  expect(await cli("hget", hash, "field")).toBe("value");
  expect(Number(await cli("ttl", hash))).toBeGreaterThan(0);
});

test("into a cluster with keys, a second step replaces those of the backup and keeps the others", async () => {
  await cli("hset", hash, "field", "changed");
  await cli("set", "another", "stays");
  expect(await restore("redis", "--into-existing")).toMatchObject({ code: 0 });
  expect([await cli("hget", hash, "field"), await cli("get", "another")]).toEqual(["value", "stays"]);
});
