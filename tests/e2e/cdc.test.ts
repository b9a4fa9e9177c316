import {
  application,
  type ChangeEvent,
  debezium,
  loseSlot,
  removeApplication,
  type Running,
  start,
  startApplication,
  workerGet,
} from "./cdc.ts";
import { removeClients, startClients } from "./clients.ts";
import { eventually } from "./eventually.ts";
import { isReady, type Named, replacePod } from "./kubernetes.ts";
import { hosts, type Login, passwordOf, primary, query, replica, secretData, sql } from "./postgresql.ts";
import { containerProcess } from "./processes.ts";
import { configure, pulumi } from "./stack.ts";

const client = { namespace: "nx-backend", name: "cdc-client" };
const broker = { namespace: "nx-broker", name: "nx-kafka-1" };
const topic = "nx_seller_core.sale.orders";
const deadline = { timeout: 300, interval: 1 };
let operator: Login;
let indexer: Running<ChangeEvent>;

/** SQL as the application runs it: through the pooler. */
const pooled = async (statements: string): Promise<string> => query(client, operator, statements);
const search = async (word: string): Promise<unknown[]> => application("search", "orders", word);
const ops = (id: number): string[] => indexer.lines.filter(({ key }) => key?.id === id).map(({ op }) => op);

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
  test("can be found by a search after an insert", async () => {
    await pooled("insert into sale.orders values (-1, 'lantern', 0)");
    await eventually(async () => {
      expect(await search("lantern")).toEqual([{ id: "-1", note: "lantern", change: 0 }]);
    }, deadline);
    expect(ops(-1)).toEqual(["c"]);
  });

  test("can be found by its new text after an update", async () => {
    await pooled("update sale.orders set note = 'candle' where id = -1");
    await eventually(async () => {
      expect(await search("candle")).toEqual([{ id: "-1", note: "candle", change: 0 }]);
    }, deadline);
    expect(await search("lantern")).toEqual([]);
    expect(ops(-1)).toEqual(["c", "u"]);
  });

  test("is no longer found after a delete, and a tombstone lets Kafka compact it away", async () => {
    await pooled("delete from sale.orders where id = -1");
    await eventually(() => {
      expect(ops(-1)).toEqual(["c", "u", "d", "tombstone"]);
    }, deadline);
    expect(await search("candle")).toEqual([]);
  });

  test("can belong to a table without a primary key: the events contain the whole row", async () => {
    await pooled("create table finance.notes (note text); insert into finance.notes values ('first')");
    await pooled("update finance.notes set note = 'second'; delete from finance.notes");
    const events = start<ChangeEvent>("index", "nx_seller_core.finance.notes", "notes");
    await eventually(() => {
      // events without a key are spread over the partitions, so their order is undefined
      expect(events.lines).toHaveLength(4);
      expect(events.lines).toEqual(
        expect.arrayContaining([
          { key: null, op: "c", before: null, after: { note: "first" } },
          { key: null, op: "u", before: { note: "first" }, after: { note: "second" } },
          { key: null, op: "d", before: { note: "second" }, after: null },
          { key: null, op: "tombstone" },
        ]),
      );
    }, deadline);
    events.stop();
  });
});

describe("the state that change data capture keeps", () => {
  test("is replicated to all three brokers", async () => {
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

  test("contains no password: the connector's configuration references the Secrets", async () => {
    const config = await workerGet("/connectors/nx-debezium/config");
    expect(config).toContain('"database.password":"${secret:');
    expect(config).not.toContain(
      (await secretData({ namespace: "nx-persistent", name: "nx-postgresql-cdc-secret" }))["password"],
    );
  });

  test("includes a synchronized copy of the slot on the replica, usable after a promotion", async () => {
    await eventually(async () => {
      expect(
        await sql(replica, "select slot_name, synced, failover from pg_replication_slots where slot_type = 'logical'"),
      ).toBe("nx_debezium|t|t");
    }, deadline);
  });

  test("does not retain the WAL of an idle database: the heartbeat advances the slot", async () => {
    const position = "select confirmed_flush_lsn from pg_replication_slots where slot_name = 'nx_debezium'";
    const before = await sql(primary, position);
    await eventually(async () => {
      expect(await sql(primary, position)).not.toBe(before);
    }, deadline);
  });
});

/** Kills the JVM of a container without a graceful shutdown. */
async function kill(pod: Named, container: string): Promise<void> {
  const { pid, name } = await containerProcess(pod, container);
  expect(name).toBe("java");
  process.kill(pid, "SIGKILL");
}
const worker = async (): Promise<Named> => ({ namespace: "nx-search", name: (await debezium()).metadata.name });

describe("a row deleted while Debezium is down", () => {
  test("is deleted from the search index too, even if the database is otherwise idle", async () => {
    await pooled("insert into sale.orders values (-5, 'forgotten', 0)");
    await eventually(() => ops(-5).includes("c"), deadline);
    await sql(primary, "checkpoint");
    await kill(await worker(), "debezium");
    await pooled("delete from sale.orders where id = -5");
    await eventually(() => ops(-5).includes("d"), deadline);
    expect(ops(-5)).not.toContain("r");
    await eventually(async () => isReady(await debezium()), deadline);
  });
});

describe("ten thousand changes while Debezium, a broker and the primary fail", () => {
  const count = 10_000;
  let changes: Running<{ done: number }>;
  const done = async (minimum: number): Promise<void> => {
    await eventually(() => {
      const last = changes.lines.at(-1)?.done ?? 0;
      if (last < minimum) throw new Error(`${last} of ${minimum} changes; ${changes.errors.slice(-3).join("; ")}`);
    }, deadline);
  };

  test("are all committed", async () => {
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

  test("each produce an event", async () => {
    const numbers = Array.from({ length: count }, (_, index) => index + 1);
    await eventually(() => {
      const values = new Set(indexer.lines.map(({ after }) => after?.["change"]));
      const deleted = new Set(indexer.lines.filter(({ op }) => op === "d").map(({ key }) => key?.id));
      const missing = numbers.filter((n) => (n % 5 === 0 ? !deleted.has(n - 4) : !values.has(n)));
      if (missing.length > 0)
        throw new Error(
          `${missing.length} changes without an event: ${missing.slice(0, 10).join()}; ${indexer.errors.join("; ")}`,
        );
    }, deadline);
  });

  test("leave each row's last event equal to the row in the table", async () => {
    const rows = (await pooled("select id, change from sale.orders order by id")).split("\n");
    await eventually(() => {
      const last = new Map(
        indexer.lines.flatMap(({ key, op, after }) => (key && op !== "tombstone" ? [[key.id, after?.["change"]]] : [])),
      );
      const kept = [...last].filter(([, change]) => change !== undefined).sort(([a], [b]) => Number(a) - Number(b));
      expect(kept.map((row) => row.join("|"))).toEqual(rows);
    }, deadline);
    expect(rows).toHaveLength((count / 5) * 2);
  });

  test("leave as many documents in the search index as rows in the table", async () => {
    const { documents } = (await application<{ documents: number }>("count", "orders"))[0] ?? { documents: 0 };
    expect(documents).toBe((count / 5) * 2);
    expect(await pooled("select count(*) from sale.orders where note = 'updated'")).toBe(String(count / 5));
  });
});

describe("a slot that was dropped", () => {
  test("is replaced by a failover slot at the next heartbeat, and missed changes are re-read from the tables", async () => {
    const slot = "pg_replication_slots where slot_name = 'nx_debezium'";
    await loseSlot("insert into sale.orders values (-6, 'missed', 0)");
    await eventually(() => {
      expect(ops(-6)).toEqual(["r"]);
    }, deadline);
    await eventually(async () => {
      expect(await sql(primary, `select failover from ${slot} and active`)).toBe("t");
    }, deadline);
    await pooled("insert into sale.orders values (-7, 'noticed', 0)");
    await eventually(() => ops(-7).includes("c"), deadline);
    await eventually(async () => isReady(await debezium()), deadline);
  });

  test("is reported until an operator has dealt with the deletions that appear in no event", async () => {
    const problems = "select * from debezium.problems()";
    expect(await sql(primary, problems)).toMatch(/^at .* the replication slot was lost and was created again/);
    await sql(primary, "delete from debezium.lost_slot");
    expect(await sql(primary, problems)).toBe("");
  });
});

describe("rotating Debezium's passwords for PostgreSQL and Kafka", () => {
  test("takes one update and misses no change", async () => {
    const before = (await debezium()).metadata.uid;
    await configure('debezium.passwordVersion["cdc_user"]', "2");
    await configure('debezium.passwordVersion["nx.debezium"]', "2");
    await pooled("insert into sale.orders values (-2, 'before', 0)");
    await pulumi("up", "--yes", "--skip-preview");
    await pooled("insert into sale.orders values (-3, 'after', 0)");
    await eventually(() => {
      expect([ops(-2)[0], ops(-3)[0]]).toEqual(["c", "c"]);
    }, deadline);
    const after = await debezium();
    expect(after.metadata.uid).not.toBe(before);
    expect(isReady(after)).toBe(true);
    await pulumi("preview", "--expect-no-changes");
  });
});
