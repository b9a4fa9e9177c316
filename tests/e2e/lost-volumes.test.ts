import { basename } from "node:path";
import { attempt, type Result } from "./command.ts";
import { eventually } from "./eventually.ts";
import { brokers } from "./kafka.ts";
import { type Named, tryExec } from "./kubernetes.ts";
import { loseVolumes, volumesReplaced } from "./lost-volumes.ts";
import { primary, replica, replicaStreams, sql } from "./postgresql.ts";
import { redisCli, redisClient, redisPod, removeRedisClient, startRedisClient } from "./redis.ts";
import { session } from "./session.ts";
import { pulumi } from "./stack.ts";

const keys = 10_000;
const typesense: Named = { namespace: "nx-search", name: "nx-typesense-0" };
const recovery = { timeout: 180 };
const launcher = "launcher/bootstrap.mjs";

const run = async (...args: string[]): Promise<Result> => {
  const { checkout, stateDir } = session();
  const [command = "", ...others] = args;
  const line = [launcher, command, "--state", basename(stateDir), ...others];
  return attempt(process.execPath, line, { cwd: checkout, timeout: 120 });
};
const search = async (...request: string[]): Promise<Result> => run("connect", "typesense", "--", ...request);

const offsets = async (): Promise<string> =>
  (await run("connect", "kafka", "--", "kafka-get-offsets.sh", "--topic", "nx-debezium-configs")).stdout;

/** What Redis's check finds wrong, as one of its nodes sees it. */
const redisProblems = async (seenBy: number): Promise<string> =>
  (await tryExec(redisPod(seenBy), ["sh", "/scripts/check.sh"], { container: "redis", timeout: 30 })).stdout;

/** Number of this file's keys that a node has. */
const keysOn = async (node: number): Promise<number> =>
  (await redisCli(redisPod(node), "--scan", "--pattern", "filled:*")).split("\n").filter((key) => key !== "").length;

/** Number of the keys that are gone. */
const keysGone = async (): Promise<number> => Number((await redisClient("verify", String(keys))).split(" ")[0]);

/** Waits until the nodes see that they serve all slots again, and stores all keys. */
async function expectRedisComplete(): Promise<void> {
  await eventually(async () => {
    for (const node of [0, 1, 2]) expect(await redisProblems(node)).toBe("");
  }, recovery);
  expect(await redisClient("fill", String(keys))).toBe(String(keys));
  expect(await keysGone()).toBe(0);
}

/** Waits until a node finds no problem; then `gone` keys are missing, and can be written again. */
async function expectServedWithout(gone: number, node: number): Promise<void> {
  await eventually(async () => {
    expect(await redisProblems(node)).toBe("");
  }, recovery);
  expect(await keysGone()).toBe(gone);
  await expectRedisComplete();
}

beforeAll(async () => {
  await startRedisClient();
  expect(await redisClient("fill", String(keys))).toBe(String(keys));
});
afterAll(removeRedisClient);

test("one volume of every store but the primary's is lost, and all are at work again by themselves", async () => {
  const [other = primary, lost = primary] = brokers;
  await sql(primary, "create table kept_volume as select 1 as id");
  const collection = '{"name":"lost","fields":[{"name":"name","type":"string"}]}';
  expect((await search("POST", "/collections", collection)).code).toBe(0);
  const [before, gone] = [await offsets(), await keysOn(1)];
  expect(before).toMatch(/^nx-debezium-configs:0:[1-9]/);
  expect(gone).toBeGreaterThan(keys / 4);

  const former = await loseVolumes(redisPod(1), replica, lost, typesense);
  await eventually(async () => {
    expect(await redisProblems(0)).toMatch(/^CLUSTERDOWN: \d+ of 16384 slots are not served/);
  });
  expect((await run("status")).code).toBe(1);
  await volumesReplaced(former);

  await expectServedWithout(gone, 0);
  await eventually(replicaStreams, recovery);
  await eventually(async () => {
    expect(await sql(replica, "select id from kept_volume")).toBe("1");
  });
  await sql(primary, "drop table kept_volume");
  expect(await offsets()).toBe(before);
  expect((await tryExec(other, ["bash", "/scripts/check.sh"], { container: "kafka" })).stdout).toBe("");
  // An index that is gone is an error for who searches, not an empty result.
  expect((await search("GET", "/collections/lost")).stdout).toContain("Not Found");
  expect((await search("POST", "/collections", collection)).code).toBe(0);
  expect((await search("DELETE", "/collections/lost")).code).toBe(0);
});

test("two of three Redis masters lose their volumes at once: all slots are served again", async () => {
  const gone = (await keysOn(0)) + (await keysOn(2));
  const former = await loseVolumes(redisPod(0), redisPod(2));
  await eventually(async () => {
    expect(await redisProblems(1)).toMatch(/^CLUSTERDOWN: this node reaches no majority/);
  });
  await volumesReplaced(former);
  await expectServedWithout(gone, 1);
});

test("the stack adopts the new claims, and status finds nothing wrong", async () => {
  await pulumi("up", "--yes", "--skip-preview", "--refresh");
  await eventually(async () => {
    expect(await run("status")).toMatchObject({ code: 0 });
  }, recovery);
});
