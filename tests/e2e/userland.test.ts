import { brokers } from "./kafka.ts";
import { exec, type Named, tryExec } from "./kubernetes.ts";
import { poolers, primary } from "./postgresql.ts";
import { redisPod } from "./redis.ts";

/** Scripts in pods find the same shell and tools as in the Alpine-based upstream images. */

/** Names of BusyBox applets that another program provides in this pod. */
async function otherPrograms(pod: Named): Promise<string[]> {
  const script =
    'for name in $(busybox --list); do program=$(which "$name") || continue; echo "$name $(readlink -f "$program")"; done';
  const programs = (await exec(pod, ["sh", "-c", script])).trim().split("\n");
  expect(programs.length).toBeGreaterThan(100);
  return programs.filter((line) => !line.endsWith("/busybox")).map((line) => line.split(" ")[0] ?? "");
}

const expectNoDashOrMawk = async (pod: Named): Promise<void> =>
  expect((await tryExec(pod, ["which", "dash", "mawk"])).stdout).toBe("");

test.each([
  { store: "PostgreSQL", pods: () => [primary] },
  { store: "PgBouncer", pods: async () => (await poolers()).map(({ metadata: { name } }) => ({ ...primary, name })) },
  { store: "Redis", pods: () => [redisPod(0)] },
])("$store's image has only BusyBox's tools", async ({ pods }) => {
  const [pod] = await pods();
  if (pod === undefined) throw new Error("there is no pod");
  expect(await otherPrograms(pod)).toEqual([]);
  await expectNoDashOrMawk(pod);
});

test("Kafka's image also has GNU coreutils and procps, as upstream's does", async () => {
  const [broker] = brokers;
  if (broker === undefined) throw new Error("there is no broker");
  const others = await otherPrograms(broker);
  expect(others).toEqual(expect.arrayContaining(["dd", "head", "od", "ps", "timeout"]));
  expect(others.filter((name) => ["sh", "awk", "find", "grep", "hostname", "sed", "xargs"].includes(name))).toEqual([]);
  await expectNoDashOrMawk(broker);
});
