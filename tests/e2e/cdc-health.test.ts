import { basename } from "node:path";
import type { Connection } from "../../components/contract/connection.ts";
import { problemsOf } from "../../launcher/store-checks.ts";
import {
  type ChangeEvent,
  debezium,
  loseSlot,
  removeApplication,
  type Running,
  start,
  startApplication,
} from "./cdc.ts";
import { attempt } from "./command.ts";
import { eventually, type WaitOptions } from "./eventually.ts";
import { exec, isReady, kubectl } from "./kubernetes.ts";
import { primary, sql } from "./postgresql.ts";
import { session } from "./session.ts";
import { configure, outputs, pulumi, unset } from "./stack.ts";

/** What capture must tell within: two minutes. */
const seen = { timeout: 120, interval: 2 };
const deadline = { timeout: 240, interval: 1 };

const isHealthy = async (): Promise<boolean> => isReady(await debezium());

/** Exit code of `npm run status`, and what it says about Debezium: why its pod is not ready, and what its checks found. */
async function status(): Promise<{ code: number; pod: string; problems: string }> {
  const { checkout, stateDir } = session();
  const command = ["launcher/bootstrap.mjs", "status", "--state", basename(stateDir)];
  const { code, stdout } = await attempt(process.execPath, command, { cwd: checkout, timeout: 60 });
  const [, pod = ""] = /^pod.*nx-debezium-[0-9a-f]+-.*\n((?: {9}.*\n)*)/m.exec(stdout) ?? [];
  const [, problems = ""] = /^store.*Debezium,.*\n((?: {9}.*\n)*)/m.exec(stdout) ?? [];
  return { code, pod, problems };
}

/** Waits until Debezium's own checks report that: they take a fraction of the time of `npm run status`. */
async function checksSay(matches: (problems: string) => void, options: WaitOptions): Promise<void> {
  const { kubectl: program, kubeconfig } = session().cluster;
  const kubectl = { program, cluster: ["--kubeconfig", kubeconfig], env: process.env };
  await eventually(async () => {
    matches((await problemsOf(kubectl, connection)).join("\n"));
  }, options);
}

/** Waits until `npm run status` reports that of Debezium, and exits 1. */
async function statusSays(...texts: readonly string[]): Promise<void> {
  await checksSay((problems) => {
    for (const text of texts) expect(problems).toContain(text);
  }, seen);
  await eventually(async () => {
    const { code, problems } = await status();
    for (const text of texts) expect(problems).toContain(text);
    expect(code).toBe(1);
  }, seen);
}

async function statusIsHealthy(): Promise<void> {
  await checksSay((problems) => {
    expect(problems).toBe("");
  }, deadline);
  await eventually(isHealthy, deadline);
  await eventually(async () => {
    expect(await status()).toEqual({ code: 0, pod: "", problems: "" });
  }, deadline);
}

/** Sends a request to the worker from its own pod. */
async function worker(method: string, path: string): Promise<void> {
  const { metadata } = await debezium();
  const url = `http://localhost:8083/connectors/nx-debezium${path}`;
  const curl = ["curl", "--silent", "--fail", "--show-error", "--request", method, url];
  await exec({ namespace: "nx-search", name: metadata.name }, curl);
}

/** Deletes the table's topic. */
const deleteTopic = async (): Promise<string> =>
  exec({ namespace: "nx-broker", name: "nx-kafka-0" }, [
    ...["/opt/kafka/bin/kafka-topics.sh", "--bootstrap-server", "localhost:29092"],
    ...["--delete", "--topic", `nx_seller_core.${table}`],
  ]);

const table = "finance.health";
let connection: Connection;
let events: Running<ChangeEvent>;
const follow = (): void => {
  events = start("follow", `nx_seller_core.${table}`);
};
const insert = async (id: number, note = "''"): Promise<string> =>
  sql(primary, `insert into ${table} values (${id}, ${note})`);
const arrived = async (id: number): Promise<void> => {
  await eventually(() => events.lines.some(({ key }) => key?.id === id), deadline);
};
const repairDatabase = async (): Promise<void> => {
  await kubectl(["delete", "job", "nx-postgresql-cdc-init", "--namespace", "nx-persistent", "--wait=true"]);
  await pulumi("up", "--yes", "--skip-preview", "--refresh");
};

beforeAll(async () => {
  await startApplication();
  connection = ((await outputs())["stores"] as Connection[]).find(({ name }) => name === "debezium") as Connection;
  await sql(primary, `create table ${table} (id int primary key, note text)`);
  await insert(1);
  await eventually(isHealthy, deadline);
  follow();
});
afterAll(async () => {
  events.stop();
  await sql(primary, `drop table ${table}`);
  await removeApplication();
});

test("capture is healthy while changes get through", async () => {
  await arrived(1);
  await statusIsHealthy();
});

test("a paused connector is told, and loses nothing when it is resumed", async () => {
  await worker("PUT", "/pause");
  await insert(10);
  await statusSays("the connector was paused or stopped. Resume it: npm run connect -- debezium -- PUT");
  await worker("PUT", "/resume");
  await arrived(10);
  await statusIsHealthy();
});

test("what ends capture at its next start is told before: an enum without labels, the login, a grant", async () => {
  await sql(
    primary,
    `create type finance.empty as enum (); alter role cdc_user nologin; revoke select on ${table} from cdc_user`,
  );
  await statusSays(
    "the enum finance.empty has no labels",
    "the role cdc_user may not log in",
    `cdc_user may not read ${table}`,
  );
  expect(await isHealthy()).toBe(true);
  await sql(primary, `alter role cdc_user login; grant select on ${table} to cdc_user`);
});

test("an enum without labels stops a start, with its cause, and a label lets it continue", async () => {
  await worker("POST", "/restart?includeTasks=true");
  await insert(20);
  await statusSays("the connector failed: ", "the enum finance.empty has no labels");
  await sql(primary, "alter type finance.empty add value 'one'");
  await arrived(20);
  await sql(primary, "drop type finance.empty");
  await statusIsHealthy();
});

describe("a row that is larger than the largest event", () => {
  test("stops all events: the pod is not ready within two minutes, and tells the cause", async () => {
    await insert(30, "repeat('x', 33 * 1024 * 1024)");
    await insert(31);
    await statusSays("RecordTooLargeException: The message is 34");
    await eventually(async () => !(await isHealthy()), seen);
    const { code, pod } = await status();
    expect(code).toBe(1);
    expect(pod).toMatch(/RecordTooLargeException: The message is 34.*; restarted \d+ times.*no change got through for/);
  });

  test("is passed over with a setting, and nothing else is lost", async () => {
    await configure("debezium.badEvents", "skip");
    await pulumi("up", "--yes", "--skip-preview");
    await arrived(31);
    expect(events.lines.map(({ key }) => key?.id)).not.toContain(30);
    // a snapshot would stop at it again
    await sql(primary, `delete from ${table} where id = 30`);
    await statusIsHealthy();
  });
});

test("a dropped publication is told, and the command that status prints repairs it", async () => {
  await sql(primary, "drop publication nx_cdc");
  await insert(40);
  await statusSays(
    "Publication autocreation is disabled",
    "the publication nx_cdc does not exist: no change reaches Debezium. Repair it: npm run kubectl -- delete job",
  );
  await unset("debezium.badEvents");
  await repairDatabase();
  await arrived(40);
  await statusSays("the replication slot was lost and was created again");
  await sql(primary, "delete from debezium.lost_slot");
  await statusIsHealthy();
});

test("a snapshot of a new slot is repeated when the connector restarts in the middle, and nothing is missed", async () => {
  const large = "finance.a_large";
  await sql(
    primary,
    `create table ${large} (id int primary key, note text);
     insert into ${large} select n, repeat('x', 500) from generate_series(1, 60000) n`,
  );
  await loseSlot(`insert into ${table} values (45)`);
  const reading = `select count(*) from pg_stat_activity where usename = 'cdc_user' and query like '%a_large%'
     and backend_type = 'client backend' and xact_start is not null`;
  await eventually(async () => (await sql(primary, reading)) !== "0", { ...deadline, interval: 0.2 });
  await worker("POST", "/restart?includeTasks=true");

  await arrived(45);
  await eventually(
    async () => (await sql(primary, "select count(*) from debezium.snapshot_request")) === "0",
    deadline,
  );
  await sql(primary, `delete from debezium.lost_slot; drop table ${large}`);
  await statusIsHealthy();
});

test.each([50, 60])("a topic deleted by hand is created again, each time (%i)", async (id) => {
  await deleteTopic();
  events.stop();
  await insert(id);
  follow();
  await arrived(id);
  await insert(id + 1);
  await arrived(id + 1);
  await eventually(isHealthy, deadline);
});
