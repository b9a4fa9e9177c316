import {
  application,
  type ChangeEvent,
  debezium,
  removeApplication,
  type Running,
  start,
  startApplication,
  workerSays,
} from "./cdc.ts";
import { removeClients, startClients } from "./clients.ts";
import { eventually } from "./eventually.ts";
import { isReady, kubectl, type Named, replacePod } from "./kubernetes.ts";
import { hosts, type Login, passwordOf, primary, query, replica, secretData, sql } from "./postgresql.ts";
import { containerProcess } from "./processes.ts";
import { configure, pulumi } from "./stack.ts";

const client = { namespace: "nx-backend", name: "cdc-client" };
const broker = { namespace: "nx-broker", name: "nx-kafka-1" };
const topic = "nx_seller_core.sale.orders";
const patience = { timeout: 300, interval: 1 };
let operator: Login;
let indexer: Running<ChangeEvent>;

/** SQL as the application runs it: through the pooler. */
const pooled = async (statements: string): Promise<string> => query(client, operator, statements);
const found = async (word: string): Promise<unknown[]> => application("search", "orders", word);
const ops = (id: number): string[] => indexer.said.filter(({ key }) => key?.id === id).map(({ op }) => op);

beforeAll(async () => {
  await Promise.all([startClients(client), startApplication()]);
  operator = { host: hosts.pgbouncer, user: "nx_seller_operator", password: await passwordOf("nx_seller_operator") };
  await pooled("create table sale.orders (id int primary key, note text not null, change int not null)");
  indexer = start("index", topic, "orders");
});
afterAll(async () => {
  indexer.stop();
  await Promise.all([removeClients(), removeApplication()]);
});

describe("a row written through the pooler", () => {
  test("is found by a search when it is inserted", async () => {
    await pooled("insert into sale.orders values (-1, 'lantern', 0)");
    await eventually(async () => {
      expect(await found("lantern")).toEqual([{ id: "-1", note: "lantern", change: 0 }]);
    }, patience);
    expect(ops(-1)).toEqual(["c"]);
  });

  test("is found as it is when it is updated", async () => {
    await pooled("update sale.orders set note = 'candle' where id = -1");
    await eventually(async () => {
      expect(await found("candle")).toEqual([{ id: "-1", note: "candle", change: 0 }]);
    }, patience);
    expect(await found("lantern")).toEqual([]);
    expect(ops(-1)).toEqual(["c", "u"]);
  });

  test("is not found any more when it is deleted, and a tombstone lets Kafka forget it", async () => {
    await pooled("delete from sale.orders where id = -1");
    await eventually(() => {
      expect(ops(-1)).toEqual(["c", "u", "d", "tombstone"]);
    }, patience);
    expect(await found("candle")).toEqual([]);
  });

  test("may be of a table without a primary key: the events tell the whole row", async () => {
    await pooled("create table finance.notes (note text); insert into finance.notes values ('first')");
    await pooled("update finance.notes set note = 'second'; delete from finance.notes");
    const events = start<ChangeEvent>("index", "nx_seller_core.finance.notes", "notes");
    await eventually(() => {
      // without a key they are spread over the partitions, which have no order among themselves
      expect(events.said).toHaveLength(4);
      expect(events.said).toEqual(
        expect.arrayContaining([
          { key: null, op: "c", before: null, after: { note: "first" } },
          { key: null, op: "u", before: { note: "first" }, after: { note: "second" } },
          { key: null, op: "d", before: { note: "second" }, after: null },
          { key: null, op: "tombstone" },
        ]),
      );
    }, patience);
    events.stop();
  });
});

describe("what it leaves in the stores", () => {
  test("has as many copies as Kafka has brokers", async () => {
    const topics = await application<{ name: string; partitions: number; replicas: number[] }>("topics");
    const own = topics.filter(({ name }) => /^(nx_seller_core\.|nx-debezium-)/.test(name));
    expect(own).toEqual(
      expect.arrayContaining([
        { name: topic, partitions: 3, replicas: [3, 3, 3] },
        { name: "nx-debezium-configs", partitions: 1, replicas: [3] },
      ]),
    );
    expect(own.filter(({ replicas }) => replicas.some((count) => count !== 3))).toEqual([]);
  });

  test("holds no password: the connector's configuration refers to them", async () => {
    const said = await workerSays("/connectors/nx-debezium/config");
    expect(said).toContain('"database.password":"${secret:');
    expect(said).not.toContain(
      (await secretData({ namespace: "nx-persistent", name: "nx-postgresql-cdc-secret" }))["password"],
    );
  });

  test("the replica keeps a copy of the slot, from which it would go on as the primary", async () => {
    await eventually(async () => {
      expect(
        await sql(replica, "select slot_name, synced, failover from pg_replication_slots where slot_type = 'logical'"),
      ).toBe("nx_debezium|t|t");
    }, patience);
  });

  test("lets the log of an idle database go: the heartbeat moves the slot", async () => {
    const kept = "select confirmed_flush_lsn from pg_replication_slots where slot_name = 'nx_debezium'";
    const before = await sql(primary, kept);
    await eventually(async () => {
      expect(await sql(primary, kept)).not.toBe(before);
    }, patience);
  });
});

/** Ends Java in a pod as a machine that dies does. */
async function kill(pod: Named, container: string): Promise<void> {
  const { pid, name } = await containerProcess(pod, container);
  expect(name).toBe("java");
  process.kill(pid, "SIGKILL");
}
const worker = async (): Promise<Named> => ({ namespace: "nx-search", name: (await debezium()).metadata.name });

describe("a row deleted while Debezium is away", () => {
  test("is deleted in the search too, though the database is idle otherwise", async () => {
    await pooled("insert into sale.orders values (-5, 'forgotten', 0)");
    await eventually(() => ops(-5).includes("c"), patience);
    await sql(primary, "checkpoint");
    await kill(await worker(), "debezium");
    await pooled("delete from sale.orders where id = -5");
    await eventually(() => ops(-5).includes("d"), patience);
    expect(ops(-5)).not.toContain("r");
    await eventually(async () => isReady(await debezium()), patience);
  });
});

describe("ten thousand changes, while what they pass through breaks", () => {
  const count = 10_000;
  let changes: Running<{ done: number }>;
  const done = async (least: number): Promise<void> => {
    await eventually(() => {
      const last = changes.said.at(-1)?.done ?? 0;
      if (last < least) throw new Error(`${last} of ${least} changes; ${changes.complaints.slice(-3).join("; ")}`);
    }, patience);
  };

  test("they are made", async () => {
    changes = start("change", String(count));
    await done(1500);
    await kill(await worker(), "debezium");
    await done(3500);
    await kill(broker, "kafka");
    await done(5500);
    await replacePod(primary);
    await done(count);
    await changes.ended;
  }, 1_200_000);

  test("each of them is an event", async () => {
    const numbers = Array.from({ length: count }, (_, index) => index + 1);
    await eventually(() => {
      const values = new Set(indexer.said.map(({ after }) => after?.["change"]));
      const deleted = new Set(indexer.said.filter(({ op }) => op === "d").map(({ key }) => key?.id));
      const missing = numbers.filter((n) => (n % 5 === 0 ? !deleted.has(n - 4) : !values.has(n)));
      if (missing.length > 0)
        throw new Error(
          `${missing.length} changes have no event: ${missing.slice(0, 10).join()}; ${indexer.complaints.join("; ")}`,
        );
    }, patience);
  });

  test("the last event of each row says what the table says", async () => {
    const rows = (await pooled("select id, change from sale.orders order by id")).split("\n");
    await eventually(() => {
      const last = new Map(
        indexer.said.flatMap(({ key, op, after }) => (key && op !== "tombstone" ? [[key.id, after?.["change"]]] : [])),
      );
      const kept = [...last].filter(([, change]) => change !== undefined).sort(([a], [b]) => Number(a) - Number(b));
      expect(kept.map((row) => row.join("|"))).toEqual(rows);
    }, patience);
    expect(rows).toHaveLength((count / 5) * 2);
  });

  test("the search finds what the table has", async () => {
    const { found: all } = (await application<{ found: number }>("count", "orders"))[0] ?? { found: 0 };
    expect(all).toBe((count / 5) * 2);
    expect(await pooled("select count(*) from sale.orders where note = 'updated'")).toBe(String(count / 5));
  });
});

describe("a slot that Debezium had to make itself, because its own was gone", () => {
  test("is replaced by the Job that makes slots, and what it has missed is read from the tables", async () => {
    const slot = "pg_replication_slots where slot_name = 'nx_debezium'";
    const drop = `select pg_terminate_backend(active_pid, 10000) from ${slot};
       select pg_drop_replication_slot('nx_debezium');
       insert into sale.orders values (-6, 'missed', 0)`;
    // it fails when Debezium is back sooner
    await eventually(async () => sql(primary, drop));
    await eventually(async () => {
      expect(await sql(primary, `select failover from ${slot} and active`)).toBe("f");
    }, patience);
    await pooled("insert into sale.orders values (-7, 'noticed', 0)");
    await eventually(() => ops(-7).includes("c"), patience);
    expect(ops(-6)).toEqual([]);

    await kubectl(["delete", "job", "nx-postgresql-cdc-init", "--namespace", "nx-persistent", "--wait=true"]);
    await pulumi("up", "--yes", "--skip-preview", "--refresh");
    await eventually(() => {
      expect(ops(-6)).toEqual(["r"]);
    }, patience);
    await eventually(async () => {
      expect(await sql(primary, `select failover from ${slot} and active`)).toBe("t");
    }, patience);
    await eventually(async () => isReady(await debezium()), patience);
  });
});

describe("new passwords for the database and for Kafka", () => {
  test("are in use after one update, and no change is missed", async () => {
    const before = (await debezium()).metadata.uid;
    await configure('debezium.passwordVersion["cdc_user"]', "2");
    await configure('debezium.passwordVersion["nx.debezium"]', "2");
    await pooled("insert into sale.orders values (-2, 'before', 0)");
    await pulumi("up", "--yes", "--skip-preview");
    await pooled("insert into sale.orders values (-3, 'after', 0)");
    await eventually(() => {
      expect([ops(-2)[0], ops(-3)[0]]).toEqual(["c", "c"]);
    }, patience);
    const after = await debezium();
    expect(after.metadata.uid).not.toBe(before);
    expect(isReady(after)).toBe(true);
    await pulumi("preview", "--expect-no-changes");
  });
});
