import { type ChangeEvent, removeApplication, type Running, start, startApplication, workerGet } from "../cdc.ts";
import { eventually } from "../eventually.ts";
import { isReady, list, type Named, type Pod } from "../kubernetes.ts";
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

/** The pod of the worker at which the connector's task runs. */
async function working(): Promise<Named> {
  const { tasks } = JSON.parse(await workerGet("/connectors/nx-debezium/status")) as {
    tasks: { state: string; worker_id: string }[];
  };
  expect(tasks).toEqual([expect.objectContaining({ state: "RUNNING" })]);
  const pod = (await workers()).find(({ status }) => tasks[0]?.worker_id === `${status.podIP ?? ""}:8083`);
  if (pod === undefined) throw new Error(`the task runs at ${tasks[0]?.worker_id ?? "no worker"}, which is no pod`);
  return { namespace, name: pod.metadata.name };
}

const ready = async (): Promise<void> => {
  expect((await workers()).map((pod) => isReady(pod))).toEqual([true, true]);
};

beforeAll(async () => {
  await startApplication();
  await sql(`create table ${table} (id int primary key)`);
  await eventually(ready, repaired);
});
afterAll(async () => {
  events.stop();
  await sql(`drop table ${table}`);
  await removeApplication();
});

test("when a worker is killed the other one continues its task in time, and no event is lost", async () => {
  const insert = (first: number, last: number): Promise<string> =>
    sql(`insert into ${table} select generate_series(${String(first)}, ${String(last)})`);
  const arrived = (): Set<number | undefined> => new Set(events.lines.map(({ key }) => key?.id));
  await insert(0, 0);
  events = start("follow", `nx_seller_core.${table}`);
  await eventually(() => arrived().has(0), repaired);

  const lost = await eventually(working, repaired);
  const { pid, name } = await containerProcess(lost, "debezium");
  expect(name).toBe("java");
  await insert(1, 1000);
  process.kill(pid, "SIGKILL");
  await insert(1001, 2000);
  await eventually(
    () => {
      expect(arrived().size).toBe(2001);
    },
    { timeout: limit },
  );
  expect(await eventually(working, repaired)).not.toEqual(lost);
  await eventually(ready, repaired);
});
