import { type ChangeEvent, removeApplication, type Running, start, startApplication } from "../cdc.ts";
import { removeClients, startClients } from "../clients.ts";
import { eventually } from "../eventually.ts";
import { find, list } from "../kubernetes.ts";
import { objectNames } from "../objects.ts";
import { hosts, type Login, passwordOf, query } from "../postgresql.ts";
import { configure, planned, pulumi, tryPulumi, unset } from "../stack.ts";
import { archiveAll, primaryOf, reportOn } from "./backups.ts";
import { clientImage, isWhole, servers, sqlIn } from "./cluster.ts";

const old = "nx-postgresql";
/** Another name in each run: the backups of a deleted cluster stay in the store, below its name. */
const recovered = `${old}-r${Date.now().toString(36)}`;
const client = { namespace: "nx-backend", name: "recovery-client", image: clientImage };
const user = "nx_seller_operator";
const captured = { timeout: 120 };

let target: string;
let operator: Login;
let events: Running<ChangeEvent>;
let objectsBefore: readonly string[];

const up = () => pulumi("up", "--yes", "--skip-preview");
const rowsUntil = (time: string) => `select * from public.recovery_test where at <= '${time}' order by id`;

/** SQL as the application runs it: through the pooler. */
const pooled = (statements: string): Promise<string> => query(client, operator, statements);
const ids = (): Promise<string> => pooled("select string_agg(id::text, ' ' order by id) from public.recovery_test");

/** Operations of a row's events so far. */
const ops = (id: number): string[] => events.lines.filter(({ key }) => key?.id === id).map(({ op }) => op);

const exists = async (kind: string) =>
  (await find(kind, { namespace: "nx-persistent", name: recovered })) !== undefined;

/** The recovered cluster's objects of a kind, by name. */
const ofRecovered = async (kind: string): Promise<string[]> =>
  (await list(kind, "nx-persistent"))
    .filter(({ metadata }) => metadata.labels?.["cnpg.io/cluster"] === recovered)
    .map(({ metadata }) => metadata.name);

/** Names of all objects but backups, which the schedule may add. */
const objects = async () => (await objectNames()).filter((name) => !name.startsWith("Backup "));

beforeAll(async () => {
  await Promise.all([startClients(client), startApplication(), eventually(isWhole, { timeout: 180 })]);
  objectsBefore = await objects();
  operator = { host: hosts.pgbouncer, user, password: await passwordOf(user) };
  events = start("follow", "nx_seller_core.public.recovery_test");
  // A recovery starts from a base backup that is older than its target.
  await eventually(async () => (await reportOn(old))?.backups.some(({ state }) => state === "completed") === true, {
    timeout: 180,
  });
  await pooled(
    "create table public.recovery_test (id int primary key, at timestamptz not null default clock_timestamp())",
  );
  await pooled("insert into public.recovery_test values (1), (2)");
  target = await pooled(`select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`);
  await pooled("insert into public.recovery_test values (3)");
  // The old cluster's log is far ahead of the recovered one's, as after hours of writes.
  const ahead = Array.from({ length: 8 }, () => "select pg_logical_emit_message(true, '', ''), pg_switch_wal();");
  await sqlIn(await primaryOf(old), ahead.join("\n"));
  await archiveAll(await primaryOf(old));
  await configure(`postgresql.recovery.${recovered}.from`, old);
  await configure(`postgresql.recovery.${recovered}.targetTime`, target);
  await up();
});

/** What is left to do if a test has failed. */
afterAll(async () => {
  await configure("postgresql.active", old);
  if (await exists("clusters.postgresql.cnpg.io")) {
    await configure(`postgresql.retired.${recovered}`, "stopped");
    await up();
    await configure(`postgresql.retired.${recovered}`, "deleted");
    await up();
  }
  for (const setting of ["active", "retired", "recovery"]) await unset(`postgresql.${setting}`);
  events.stop();
  await pooled("drop table if exists public.recovery_test");
  await Promise.all([removeClients(), removeApplication()]);
});

describe("a cluster recovered to a moment", () => {
  test("has exactly the rows of that moment", async () => {
    const rows = await sqlIn(await primaryOf(recovered), rowsUntil("infinity"));
    expect(rows).toBe(await sqlIn(await primaryOf(old), rowsUntil(target)));
    expect(rows).toMatch(/^1\|.*\n2\|.*$/);
  });

  test("does not change the running one, which applications and change events still use", async () => {
    expect(await ids()).toBe("1 2 3");
    await eventually(() => {
      expect([1, 2, 3].map(ops)).toEqual([["c"], ["c"], ["c"]]);
    }, captured);
  });
});

describe("applications moved to it", () => {
  beforeAll(async () => {
    await configure("postgresql.active", recovered);
    await up();
  });

  test("find the recovered rows, and write", async () => {
    await eventually(async () => {
      expect(await ids()).toBe("1 2");
    });
    await pooled("insert into public.recovery_test values (4)");
    expect(await sqlIn(await primaryOf(recovered), "select count(*) from public.recovery_test where id = 4")).toBe("1");
  });

  test("get its rows and changes as events", async () => {
    await eventually(() => {
      expect([1, 2].map((id) => ops(id).at(-1))).toEqual(["r", "r"]);
      expect(ops(4)).toContain("c");
    }, captured);
    expect(ops(3)).toEqual(["c"]);
  });

  test("have backups of it", async () => {
    await eventually(async () => (await reportOn(recovered))?.first !== undefined, { timeout: 180 });
  });
});

describe("moved back", () => {
  beforeAll(async () => {
    await configure("postgresql.active", old);
  });

  test("a running cluster is not deleted in one step, and the message names both", async () => {
    await configure(`postgresql.retired.${recovered}`, "deleted");
    const { code, stdout, stderr } = await tryPulumi(["preview"]);
    expect(code).not.toBe(0);
    expect(`${stdout}${stderr}`).toMatch(/That takes two updates\. First stop it: .* stopped`.*Second.* deleted`/);
  });

  test("applications find what they wrote before, and the stopped cluster keeps its volumes", async () => {
    await configure(`postgresql.retired.${recovered}`, "stopped");
    await up();
    await eventually(async () => {
      expect(await ids()).toBe("1 2 3");
    });
    // Its poolers end after the update: they wait for their clients.
    await eventually(
      async () => {
        expect(await ofRecovered("pods")).toEqual([]);
      },
      { timeout: 120 },
    );
    expect(await ofRecovered("pvc")).toHaveLength(servers);
    expect((await reportOn(recovered))?.state).toBe("stopped");
  });

  test("change events go on", async () => {
    await pooled("insert into public.recovery_test values (5)");
    await eventually(() => {
      expect([1, 2, 3].map((id) => ops(id).at(-1))).toEqual(["r", "r", "r"]);
      expect(ops(5)).toContain("c");
    }, captured);
  });

  test("the stopped cluster can be deleted, with its volumes and nothing else", async () => {
    await configure(`postgresql.retired.${recovered}`, "deleted");
    await up();
    expect((await reportOn(recovered))?.state).toBe("deleted");
    await eventually(
      async () => {
        expect(await objects()).toEqual(objectsBefore);
      },
      { timeout: 180 },
    );
    await eventually(isWhole, { timeout: 180 });
    expect(await ids()).toBe("1 2 3 5");
  });

  test("the stack is as before", async () => {
    for (const setting of ["active", "retired", "recovery"]) await unset(`postgresql.${setting}`);
    expect(await planned()).toEqual([]);
  });
});
