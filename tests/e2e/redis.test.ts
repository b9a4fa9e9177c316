import { eventually } from "./eventually.ts";
import { apply, exec, get, kubectl, type KubernetesObject } from "./kubernetes.ts";
import { secretData } from "./postgresql.ts";
import { containerProcess } from "./processes.ts";
import {
  missing,
  parseNodes,
  redisCli,
  redisClient,
  redisPod,
  redisPods,
  redisPodsReady,
  removeRedisClient,
  settledNodes,
  startRedisClient,
  startRedisWriter,
} from "./redis.ts";
import { configure, pulumi } from "./stack.ts";

const keys = 10_000;
const secret = { namespace: "nx-broker", name: "nx-redis-secret" };
const password = async (): Promise<string> => (await secretData(secret)).REDIS_PASSWORD ?? "";

beforeAll(startRedisClient);
afterAll(removeRedisClient);

describe("the Redis Cluster", () => {
  test("stores keys of all slots from a cluster-aware client", async () => {
    expect(await redisClient("fill", String(keys))).toBe(String(keys));
    const sizes = await Promise.all([0, 1, 2].map(async (n) => Number(await redisCli(redisPod(n), "dbsize"))));
    expect(Math.min(...sizes)).toBeGreaterThan(keys / 4);
    expect(await redisClient("verify", String(keys))).toMatch(/^0 /);
  });

  test("refuses clients without the password", async () => {
    expect(await redisClient("login", "")).toContain("NOAUTH");
    expect(await redisClient("login", "guess")).toContain("WRONGPASS");
    expect(await redisClient("login", await password())).toBe("PONG");
  });

  test("persists the other nodes' host names in each node, to find them after a restart", async () => {
    const names = (await redisPods()).map(({ metadata: { name } }) => name).sort();
    for (const name of names) {
      const pod = { namespace: "nx-broker", name };
      await eventually(async () => {
        expect(parseNodes(await exec(pod, ["cat", "/data/nodes.conf"])).map(({ host }) => host)).toEqual(names);
      });
    }
  });

  test("recovers within a minute after all pods are deleted together and get new addresses", async () => {
    const before = await redisPods();
    const start = performance.now();
    await kubectl([
      "delete",
      "pod",
      "--namespace=nx-broker",
      "--wait=false",
      ...before.map(({ metadata }) => metadata.name),
    ]);
    const after = await redisPodsReady(3, before);
    const [wrong] = (await redisClient("verify", String(keys))).split(" ");
    const seconds = (performance.now() - start) / 1000;
    expect(wrong).toBe("0");
    const addresses = new Set(before.map(({ status }) => status.podIP));
    expect(after.filter(({ status }) => addresses.has(status.podIP))).toEqual([]);
    expect(seconds).toBeLessThan(60);
  });

  test("is unchanged by another run of its init Job", async () => {
    interface Job extends KubernetesObject {
      readonly spec: { readonly template: { readonly spec: object } };
      readonly status: { readonly succeeded?: number };
    }
    const name = { namespace: "nx-broker", name: "redis-init-again" };
    const before = await settledNodes();
    const { spec } = await get<Job>("job", { namespace: "nx-broker", name: "nx-redis-cluster-init" });
    await apply({
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: name,
      spec: { template: { spec: spec.template.spec } },
    });
    await eventually(async () => (await get<Job>("job", name)).status.succeeded === 1, { timeout: 120 });
    await kubectl(["delete", "job", name.name, "--namespace", name.namespace]);
    expect(await settledNodes()).toEqual(before);
    expect(await redisClient("verify", String(keys))).toMatch(/^0 /);
  });

  test("loses at most one second of writes when a server is killed with SIGKILL", async () => {
    const writer = await startRedisWriter("kill");
    const server = await containerProcess(redisPod(1), "redis");
    expect(server.name).toBe("redis-server");
    const killed = Date.now();
    process.kill(server.pid, "SIGKILL");
    await eventually(() => (writer.confirmed.at(-1) ?? 0) > killed + 5000 && writer.confirmed.length > 200, {
      timeout: 120,
    });
    await writer.stop();
    const safe = writer.confirmed.flatMap((time, index) =>
      time < killed - 1000 || time > killed + 5000 ? [index + 1] : [],
    );
    expect(await missing("kill", safe)).toBe("");
    expect((await containerProcess(redisPod(1), "redis")).pid).not.toBe(server.pid);
  });
});

describe("a password rotation", () => {
  test("reaches all nodes without a restart and without a client error", async () => {
    const [old, before] = [await password(), await redisPods()];
    const writer = await startRedisWriter("rotation");
    await configure("redis.passwordVersion", "2");
    await pulumi("up", "--yes", "--skip-preview");
    const changed = await password();
    const atEnd = writer.confirmed.length;
    await eventually(() => writer.confirmed.length > atEnd + 100);
    await writer.stop();
    expect(writer.errors).toEqual([]);

    expect(changed).not.toBe(old);
    expect(await redisClient("login", old)).toContain("WRONGPASS");
    expect(await redisClient("login", changed)).toBe("PONG");
    const identities = (pods: typeof before) =>
      pods.map(({ metadata, status }) => [metadata.uid, status.containerStatuses?.[0]?.restartCount]).sort();
    expect(identities(await redisPods())).toEqual(identities(before));
    await pulumi("preview", "--expect-no-changes");
  });
});
