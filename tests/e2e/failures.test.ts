import { setTimeout as sleep } from "node:timers/promises";
import { isCapturing } from "./cdc.ts";
import { removeClients, startClients } from "./clients.ts";
import { eventually } from "./eventually.ts";
import { deletePod, exec, find, get, isReady, kubectl, type Pod, readyPod, replacePod, tryExec } from "./kubernetes.ts";
import { hosts, type Login, passwordOf, poolers, primary, query, replica, replicaStreams, sql } from "./postgresql.ts";
import { containerProcess } from "./processes.ts";
import { startWriter } from "./writer.ts";

const client = { namespace: "nx-backend", name: "failures-client" };
const recovery = { timeout: 180 };
let operator: Login;

beforeAll(async () => {
  await startClients(client);
  operator = { host: hosts.pgbouncer, user: "nx_seller_operator", password: await passwordOf("nx_seller_operator") };
  await query(
    client,
    operator,
    "create table kept (id int primary key); insert into kept select generate_series(1, 1000)",
  );
});
afterAll(removeClients);

/** The replica streams from an active slot and has all rows of the primary. */
async function expectReplicaInSync(): Promise<void> {
  await eventually(replicaStreams, recovery);
  expect(await sql(primary, "select active from pg_replication_slots where slot_type = 'physical'")).toBe("t");
  await eventually(async () => {
    expect(await sql(replica, "select count(*) from kept")).toBe(await sql(primary, "select count(*) from kept"));
  });
}

describe("SIGKILL of the primary's postmaster while a client writes", () => {
  test("loses no committed row, and the pooler reconnects without a restart", async () => {
    const before = (await poolers()).map(({ metadata }) => metadata.uid);
    await query(client, operator, "create table written (id int primary key)");
    const writer = startWriter(client, operator);
    await eventually(() => writer.committed.length >= 50);

    const postmaster = await containerProcess(primary, "postgresql");
    expect(postmaster.name).toBe("postgres");
    process.kill(postmaster.pid, "SIGKILL");
    const atKill = writer.committed.length;
    await eventually(() => writer.committed.length >= atKill + 50, recovery);

    const committed = await writer.stop();
    const stored = new Set((await query(client, operator, "select id from written")).split("\n").map(Number));
    expect(committed.filter((id) => !stored.has(id))).toEqual([]);
    expect((await containerProcess(primary, "postgresql")).pid).not.toBe(postmaster.pid);
    const after = await poolers();
    expect(after.map(({ metadata }) => metadata.uid)).toEqual(before);
    expect(after.flatMap(({ status }) => status.containerStatuses?.map(({ restartCount }) => restartCount))).toEqual([
      0,
    ]);
    await expectReplicaInSync();
  });
});

describe("deleting the primary's and the replica's pods together", () => {
  test("recreates both, and the replica streams again", async () => {
    await Promise.all([replacePod(primary), replacePod(replica)]);
    await expectReplicaInSync();
    await eventually(async () => query(client, operator, "insert into kept values (1001)"));
    await expectReplicaInSync();
  });
});

describe("the replica", () => {
  /** A file that the primary does not have. While it exists, the data directory was neither cloned nor wiped. */
  const marker = "e2e-marker";
  const dataDirectory = async (): Promise<string> => sql(replica, "show data_directory");
  const marked = async (directory: string, container?: string): Promise<boolean> =>
    (await tryExec(replica, ["test", "-e", `${directory}/${marker}`], { container })).code === 0;
  let directory: string;

  beforeEach(async () => {
    directory = await dataDirectory();
    await exec(replica, ["touch", `${directory}/${marker}`], { container: "postgresql" });
  });

  test("keeps its data across a restart", async () => {
    await replacePod(replica);
    await expectReplicaInSync();
    expect(await marked(directory, "postgresql")).toBe(true);
  });

  test("re-clones the primary after its slot and the WAL it kept are gone", async () => {
    const drop =
      "select pg_terminate_backend(active_pid) from pg_replication_slots where active_pid is not null;" +
      "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_type = 'physical';" +
      "insert into kept values (1002); select pg_switch_wal(); checkpoint";
    await eventually(async () => sql(primary, drop));
    await eventually(async () => !(await marked(directory, "postgresql")), recovery);
    await expectReplicaInSync();
    expect(await marked(directory, "postgresql")).toBe(false);
  });

  test.each([
    {
      damage: "its control file is overwritten",
      corrupt: (data: string) => ["dd", "if=/dev/zero", `of=${data}/global/pg_control`, "bs=8192", "count=1"],
    },
    { damage: "its databases are removed", corrupt: (data: string) => ["rm", "-r", `${data}/base`] },
  ])("re-clones the primary when $damage and its server is killed", async ({ corrupt }) => {
    await exec(replica, corrupt(directory), { container: "postgresql" });
    process.kill((await containerProcess(replica, "postgresql")).pid, "SIGKILL");
    await eventually(async () => !(await marked(directory, "postgresql")), recovery);
    await expectReplicaInSync();
    expect(await marked(directory, "postgresql")).toBe(false);
  });

  describe("starting while the primary is unreachable", () => {
    const scalePrimary = async (replicas: number): Promise<string> =>
      kubectl([
        "patch",
        "statefulset",
        "nx-postgresql-primary",
        "--namespace",
        primary.namespace,
        // `kubectl scale` would take ownership of the field, and a later server-side apply that changes it would
        // conflict
        `--patch={"spec":{"replicas":${replicas}}}`,
      ]);
    afterEach(async () => {
      await scalePrimary(1);
      await readyPod(primary);
    });

    /** Name of the running container: an init container that waits for the primary, or PostgreSQL's. */
    const running = async (): Promise<string> => {
      const { status } = await get<Pod>("pod", replica);
      const waiting = status.initContainerStatuses?.find(({ state }) => state.running !== undefined);
      const name = waiting?.name ?? status.containerStatuses?.find(({ ready }) => ready)?.name;
      if (name === undefined) throw new Error("the replica has no running container");
      return name;
    };

    test.each([
      { condition: "healthy", missing: [] },
      { condition: "damaged", missing: ["global/pg_filenode.map"] },
    ])("leaves a $condition data directory untouched", async ({ missing }) => {
      await scalePrimary(0);
      await eventually(async () => (await find("pod", primary)) === undefined, recovery);
      for (const file of missing) await exec(replica, ["rm", `${directory}/${file}`], { container: "postgresql" });
      const old = await get<Pod>("pod", replica);
      await deletePod(replica);
      await eventually(async () => {
        expect((await get<Pod>("pod", replica)).metadata.uid).not.toBe(old.metadata.uid);
        await running();
      }, recovery);
      // long enough for a faulty start to have wiped the directory
      for (let check = 0; check < 5; check++) {
        await eventually(async () => marked(directory, await running()));
        await sleep(2000);
      }

      await scalePrimary(1);
      await readyPod(primary);
      await eventually(async () => isReady(await get<Pod>("pod", replica)), recovery);
      await expectReplicaInSync();
      expect(await marked(directory, "postgresql")).toBe(missing.length === 0);
    });
  });
});

test("change data capture still runs after all these failures", async () => {
  await eventually(isCapturing, recovery);
});
