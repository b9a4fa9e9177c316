import { type ChangeEvent, removeApplication, type Running, start, startApplication } from "../cdc.ts";
import { eventually } from "../eventually.ts";
import { exec, isReady, kubectl, list, type Pod } from "../kubernetes.ts";
import { containerProcess } from "../processes.ts";
import { sql } from "./cluster.ts";

/** Seconds within which another worker continues. */
const limit = 30;
const namespace = "nx-search";
const table = "public.workers";
const repaired = { timeout: 180 };
let events: Running<ChangeEvent>;

const workers = async (): Promise<Pod[]> =>
  (await list<Pod>("pods", namespace)).filter(
    ({ metadata }) => metadata.labels?.["app.kubernetes.io/name"] === "debezium",
  );

/** The worker at which the connector's task runs, as another worker sees it. */
async function workingSeenBy(pod: Pod): Promise<Pod> {
  const curl = ["curl", "--silent", "--fail", "http://localhost:8083/connectors/nx-debezium/status"];
  const { tasks } = JSON.parse(await exec({ namespace, name: pod.metadata.name }, curl)) as {
    tasks: { state: string; worker_id: string }[];
  };
  expect(tasks).toEqual([expect.objectContaining({ state: "RUNNING" })]);
  const found = (await workers()).find(({ status }) => tasks[0]?.worker_id === `${status.podIP ?? ""}:8083`);
  if (found === undefined) throw new Error(`the task runs at ${tasks[0]?.worker_id ?? "no worker"}, which is no pod`);
  return found;
}

const uncordon = async (): Promise<unknown> => kubectl(["uncordon", "--selector", "kubernetes.io/os=linux"]);

const ready = async (): Promise<void> => {
  expect((await workers()).map((pod) => isReady(pod))).toEqual([true, true]);
};

beforeAll(async () => {
  await startApplication();
  await sql(`create table ${table} (id int primary key)`);
  await eventually(ready, repaired);
});
afterAll(async () => {
  await uncordon();
  events.stop();
  await sql(`drop table ${table}`);
  await removeApplication();
});

test("when a worker is lost with its node the other one continues its task in time, and no event is lost", async () => {
  const insert = (first: number, last: number): Promise<string> =>
    sql(`insert into ${table} select generate_series(${String(first)}, ${String(last)})`);
  const arrived = (): Set<number | undefined> => new Set(events.lines.map(({ key }) => key?.id));
  await insert(0, 0);
  events = start("follow", `nx_seller_core.${table}`);
  await eventually(() => arrived().has(0), repaired);

  const [first, second] = (await workers()) as [Pod, Pod];
  const lost = await eventually(() => workingSeenBy(first), repaired);
  const other = lost.metadata.name === first.metadata.name ? second : first;
  const { pid, name } = await containerProcess({ namespace, name: lost.metadata.name }, "debezium");
  expect(name).toBe("java");
  await insert(1, 1000);
  // No node takes its pod's successor: a worker that is back before Kafka misses it may get its task again.
  await kubectl(["cordon", "--selector", "kubernetes.io/os=linux"]);
  process.kill(pid, "SIGKILL");
  const killed = Date.now();
  await kubectl(["delete", "pod", lost.metadata.name, "--namespace", namespace, "--force", "--grace-period=0"]);
  await insert(1001, 2000);
  await eventually(
    async () => {
      expect((await workingSeenBy(other)).metadata.name).toBe(other.metadata.name);
    },
    { timeout: limit },
  );
  await eventually(
    () => {
      expect(arrived().size).toBe(2001);
    },
    { timeout: limit },
  );
  expect((Date.now() - killed) / 1000).toBeLessThan(limit);
  await uncordon();
  await eventually(ready, repaired);
});
