import { attempt } from "../command.ts";
import { eventually } from "../eventually.ts";
import { get, kubectl, type KubernetesObject } from "../kubernetes.ts";
import { loseVolumesByForce, volumesReplaced } from "../lost-volumes.ts";
import { launcherCommand } from "../npm-start.ts";
import { redisCli, redisClient, redisPod, redisPods, removeRedisClient, startRedisClient } from "../redis.ts";
import { pulumi } from "../stack.ts";
import { reportOn, startStore, stopStore } from "./backups.ts";

interface Job extends KubernetesObject {
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

const namespace = "nx-broker";
const keys = 10_000;
const hash = 'a hash with "quotes"';

const cli = (...args: string[]): Promise<string> => redisCli(redisPod(0), "-c", ...args);
const restore = (...options: string[]) => attempt(...launcherCommand("restore", "redis", ...options));

/** Starts a backup, and waits until its Job has this condition. */
async function backUp(job: string, condition: "Complete" | "Failed"): Promise<void> {
  await kubectl(["create", "job", job, "--from=cronjob/nx-redis-backup", "--namespace", namespace]);
  await eventually(
    async () => {
      const { conditions = [] } = (await get<Job>("job", { namespace, name: job })).status;
      expect(conditions.filter(({ status }) => status === "True").map(({ type }) => type)).toContain(condition);
    },
    { timeout: 180, interval: 1 },
  );
}

beforeAll(async () => {
  await startRedisClient();
  expect(await redisClient("fill", String(keys))).toBe(String(keys));
  await cli("hset", hash, "field", "value");
  await cli("expire", hash, "100000");
});
afterAll(async () => {
  await startStore();
  await removeRedisClient();
});

test("a backup is in the object store, and npm run backups lists it", async () => {
  await backUp("backup-1", "Complete");
  expect(await reportOn("nx-redis")).toMatchObject({
    backups: [{ name: expect.stringMatching(/^\d{8}T\d{6}Z$/) as unknown, state: "completed" }],
    problems: [],
  });
});

test("a restore into a cluster with keys is refused, and so is a backup that does not exist", async () => {
  const [withKeys, unknown] = await Promise.all([restore(), restore("--from", "20200101T000000Z")]);
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

  const { code, stdout } = await restore("--from", "latest");
  expect(stdout).toContain("Restored.");
  expect(code).toBe(0);
  expect(await redisClient("verify", String(keys))).toMatch(/^0 /);
  expect(await cli("hget", hash, "field")).toBe("value");
  expect(Number(await cli("ttl", hash))).toBeGreaterThan(0);
});

test("into a cluster with keys, a second step replaces those of the backup and keeps the others", async () => {
  await cli("hset", hash, "field", "changed");
  await cli("set", "another", "stays");
  expect(await restore("--into-existing")).toMatchObject({ code: 0 });
  expect([await cli("hget", hash, "field"), await cli("get", "another")]).toEqual(["value", "stays"]);
});

test("a backup fails while the object store is away, and npm run backups says so until the next one", async () => {
  await stopStore();
  await backUp("backup-2", "Failed");
  expect((await reportOn("nx-redis"))?.problems).toEqual([expect.stringMatching(/^the last backup failed: .*kubectl/)]);
  await startStore();
  await backUp("backup-3", "Complete");
  expect((await reportOn("nx-redis"))?.problems).toEqual([]);
});
