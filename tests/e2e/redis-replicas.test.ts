import { eventually } from "./eventually.ts";
import { deletePod } from "./kubernetes.ts";
import { loseVolumes, loseVolumesByForce, volumesReplaced } from "./lost-volumes.ts";
import { containerProcess } from "./processes.ts";
import {
  type ClusterNode,
  clusterNodes,
  isMaster,
  missing,
  redisClient,
  redisPod,
  redisPods,
  redisPodsReady,
  removeRedisClient,
  settledNodes,
  startRedisClient,
  startRedisWriter,
} from "./redis.ts";
import { configure, copyOfConfiguration, pulumi, tryPulumi } from "./stack.ts";

const keys = 10_000;
const slots = 16_384;
/** Replicas of masters that are gone wait 30 s for an election. */
const recovery = { timeout: 120 };

const slotsOf = (node: ClusterNode): number =>
  node.slots.split(" ").reduce((sum, range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return sum + last - first + 1;
  }, 0);

const expectKeys = async (): Promise<void> => {
  expect(await redisClient("verify", String(keys))).toMatch(/^0 /);
};

/** Waits until there are so many masters with equal shares of the slots, and one replica of each. */
async function expectPairs(masters: number): Promise<void> {
  await eventually(async () => {
    // a role change takes seconds to propagate
    const nodes = await settledNodes();
    const held = nodes.filter(isMaster).map(slotsOf);
    expect(held).toHaveLength(masters);
    expect(held.reduce((sum, count) => sum + count)).toBe(slots);
    expect(Math.min(...held)).toBeGreaterThan((slots / masters) * 0.9);
    const replicated = nodes.filter((node) => !isMaster(node)).map(({ master }) => master);
    expect(replicated.sort()).toEqual(
      nodes
        .filter(isMaster)
        .map(({ id }) => id)
        .sort(),
    );
  }, recovery);
}

/** A master, and the name of another pod. */
async function masterAndOther(): Promise<{ master: ClusterNode; other: string }> {
  const nodes = await settledNodes();
  const master = nodes.find(isMaster);
  const other = nodes.find(({ host }) => host !== master?.host);
  if (master === undefined || other === undefined) throw new Error(`there is no master: ${JSON.stringify(nodes)}`);
  return { master, other: other.host };
}

/** Waits until another pod sees the node as a replica. */
async function expectReplica({ id }: ClusterNode, other: string): Promise<void> {
  await eventually(
    async () => {
      const seen = await clusterNodes({ ...redisPod(0), name: other });
      expect(seen.find((node) => node.id === id)?.flags).toEqual(["slave"]);
    },
    { timeout: 120 },
  );
}

beforeAll(async () => {
  await startRedisClient();
  expect(await redisClient("fill", String(keys))).toBe(String(keys));
});
afterAll(removeRedisClient);

describe("replicas added to a running cluster", () => {
  test("join, one per master, and no other pod is replaced", async () => {
    const before = (await redisPods()).map(({ metadata }) => metadata.uid);
    await configure("redis.replicasPerMaster", "1");
    await pulumi("up", "--yes", "--skip-preview");
    await expectPairs(3);
    await expectKeys();
    expect((await redisPods()).map(({ metadata }) => metadata.uid)).toEqual(expect.arrayContaining(before));
  });

  test("take over when a master's pod is deleted, and keep every acknowledged write", async () => {
    const { master, other } = await masterAndOther();
    const writer = await startRedisWriter("deletion");
    await deletePod({ namespace: "nx-broker", name: master.host });
    await expectKeys();
    await redisPodsReady(6);
    await writer.stop();
    await expectReplica(master, other);
    expect(
      await missing(
        "deletion",
        writer.confirmed.map((_, index) => index + 1),
      ),
    ).toBe("");
  });

  test("take over while a master hangs", async () => {
    const { master, other } = await masterAndOther();
    const { pid } = await containerProcess({ ...redisPod(0), name: master.host }, "redis");
    process.kill(pid, "SIGSTOP");
    try {
      await eventually(async () => {
        const seen = await clusterNodes({ ...redisPod(0), name: other });
        expect(seen.filter((node) => isMaster(node) && node.slots !== "" && node.id !== master.id)).toHaveLength(3);
      });
      await expectKeys();
    } finally {
      process.kill(pid, "SIGCONT");
    }
    await expectReplica(master, other);
    await redisPodsReady(6);
    await expectPairs(3);
  });

  test("take over from a master that lost its volume, which becomes a replica by itself", async () => {
    const { master } = await masterAndOther();
    await volumesReplaced(await loseVolumes({ ...redisPod(0), name: master.host }));
    await expectPairs(3);
    await expectKeys();
  });

  test("take over from two masters that lost their volumes at once, although no majority is left to elect them", async () => {
    const masters = (await settledNodes()).filter(isMaster).slice(0, 2);
    await volumesReplaced(await loseVolumesByForce(...masters.map(({ host }) => ({ ...redisPod(0), name: host }))));
    await expectPairs(3);
    await expectKeys();
  });

  test("cannot be removed, as the deleted pods could be masters: preview and up refuse it", async () => {
    const before = await settledNodes();
    const fewer = copyOfConfiguration("fewer-replicas");
    await configure("redis.replicasPerMaster", "0", fewer);
    const refused = [["preview"], ["up", "--yes"]].map(async (command) => tryPulumi(command, fewer));
    for (const { code, stdout, stderr } of await Promise.all(refused)) {
      expect(code).not.toBe(0);
      expect(stdout + stderr).toContain(
        "nx-redis has 6 pods and cannot be scaled down to 3: the removed pods may hold keys",
      );
      expect(stdout + stderr).toContain("Set redis.masters and redis.replicasPerMaster back, or higher");
    }
    await pulumi("preview", "--expect-no-changes");
    expect(await settledNodes()).toEqual(before);
  });
});

test("a master added to a running cluster takes its share of the slots and has a replica", async () => {
  await configure("redis.masters", "4");
  await pulumi("up", "--yes", "--skip-preview");
  await expectPairs(4);
  await expectKeys();
  await pulumi("preview", "--expect-no-changes");
});
