import { table as markdownTable, code } from "../../settings/markdown.ts";
import { debezium } from "./cdc.ts";
import {
  block,
  columnTexts,
  eventOf,
  expectExample,
  inOrder,
  query,
  read,
  removeReader,
  startReader,
} from "./events.ts";
import { types } from "./event-types.ts";
import { eventually } from "./eventually.ts";
import { exec } from "./kubernetes.ts";
import { primary, sql } from "./postgresql.ts";

/** Restarts of the Connect worker's container. */
const restarts = async (): Promise<number> => (await debezium()).status.containerStatuses?.[0]?.restartCount ?? NaN;

const shown = (row: unknown): string => (row === null ? "" : code(JSON.stringify(row)));

/** Reads tables again into their topics. */
const snapshot = async (...tables: readonly string[]): Promise<void> => {
  const data = JSON.stringify({ type: "blocking", "data-collections": tables.map((name) => name.replace(".", "\\.")) });
  await sql(primary, `insert into debezium.signal values (gen_random_uuid(), 'execute-snapshot', $$${data}$$)`);
};

/** Names of the topics, as a broker lists them. */
const topics = async (): Promise<string> =>
  exec({ namespace: "nx-broker", name: "nx-kafka-0" }, [
    ...["env", "KAFKA_HEAP_OPTS=-Xmx64m", "KAFKA_OPTS=", "/opt/kafka/bin/kafka-topics.sh"],
    ...["--bootstrap-server", "localhost:29092", "--list"],
  ]);

beforeAll(async () => {
  await Promise.all([
    startReader(),
    sql(primary, "create extension if not exists hstore; create extension if not exists citext"),
  ]);
  await eventually(() => query("select 1"));
});
afterAll(async () => {
  await query(
    "drop table if exists sale.all_types, sale.order_items, sale.documents, sale.readings, sale.readings_2025, " +
      'sale.columns, sale.measurements, sale."ảnh", sale.large, sale.larger; drop type if exists sale.order_status, sale.address',
  );
  await sql(primary, "drop extension if exists hstore, citext");
  await removeReader();
});

describe("the page about events shows", () => {
  test("the form of every type, which KafkaJS and librdkafka read alike", async () => {
    const columns = types.map(({ type }, index) => `c${String(index)} ${type}`);
    await query(
      "create type sale.order_status as enum ('new', 'paid'); create type sale.address as (street text, city text);" +
        `create table sale.all_types (id int primary key, ${columns.join(", ")});` +
        `insert into sale.all_types values (1, ${types.map(({ sql: value }) => value).join(", ")})`,
    );
    const [message] = await read("kafkajs", "sale.all_types", 1);
    if (message === undefined) throw new Error("no message");
    const texts = columnTexts(message);
    expectExample(
      "types",
      markdownTable([
        ["Type", "Value in SQL", "In the event", ""],
        ...types.map(({ type, sql: value, note = "" }, index) => {
          const text = texts.get(`c${String(index)}`);
          return [code(type), code(value), text === undefined ? "nothing" : code(text), note];
        }),
      ]),
    );
    expect(eventOf(message)?.op).toBe("c");
    expect(await read("librdkafka", "sale.all_types", 1)).toEqual([message]);
  });

  test("the events of each operation", async () => {
    await query(
      "create table sale.order_items (id int primary key, name text not null, price numeric(10,2) not null, note text)",
    );
    const statements = [
      "insert into sale.order_items values (1, 'lamp', 12.50, null)",
      "update sale.order_items set price = 11 where id = 1",
      "update sale.order_items set id = 2 where id = 1",
      "delete from sale.order_items where id = 2",
      "truncate sale.order_items",
      "insert into sale.order_items values (3, 'candle', 3, 'new')",
    ];
    for (const statement of statements) await query(statement);
    await read("kafkajs", "sale.order_items", 9);
    await snapshot("sale.order_items");
    const messages = inOrder(await read("kafkajs", "sale.order_items", 10));
    const [insert] = messages;
    if (insert === undefined) throw new Error("no message");
    expectExample("insert", block(insert));
    expectExample(
      "operations",
      markdownTable([
        ["Key", "`op`", "`before`", "`after`"],
        ...messages.map((message) => {
          const event = eventOf(message);
          return [
            message.key === null ? "none" : code(message.key),
            event === null ? "no value" : code(event.op),
            shown(event?.before ?? null),
            shown(event?.after ?? null),
          ];
        }),
      ]),
    );
    expect(messages.map((message) => eventOf(message)?.op ?? "tombstone")).toEqual([
      "c",
      "u",
      "d",
      "tombstone",
      "c",
      "d",
      "tombstone",
      "t",
      "c",
      "r",
    ]);
  });

  test("what an update contains of a large value that it does not change", async () => {
    const large = "(select string_agg(md5(i::text), '') from generate_series(1, 500) i)";
    await query(
      "create table sale.documents (id int primary key, title text, body text, tags text[], data bytea, extra jsonb);" +
        "alter table sale.documents alter body set storage external, alter tags set storage external, " +
        "alter data set storage external, alter extra set storage external;" +
        `insert into sale.documents values (1, 'a', ${large}, array[${large}], ${large}::bytea, to_jsonb(${large}));` +
        "update sale.documents set title = 'b'",
    );
    const [, update] = await read("kafkajs", "sale.documents", 2);
    if (update === undefined) throw new Error("no update");
    expectExample(
      "toast",
      markdownTable([
        ["Column", "In the event"],
        ...["id int", "title text", "body text", "tags text[]", "data bytea", "extra jsonb"].map((column) => [
          code(column),
          code(columnTexts(update).get(column.split(" ")[0] ?? "") ?? ""),
        ]),
      ]),
    );
  });

  test("that the first event after a change of columns has the new ones", async () => {
    const steps = [
      "create table sale.columns (id int primary key, a int)",
      "alter table sale.columns add b text default 'x'",
      "alter table sale.columns rename a to c",
      "alter table sale.columns alter c type bigint",
      "alter table sale.columns alter c type text",
      "alter table sale.columns drop b",
    ];
    for (const [index, step] of steps.entries())
      await query(`${step}; insert into sale.columns values (${String(index)}, 7)`);
    const messages = inOrder(await read("kafkajs", "sale.columns", steps.length));
    expectExample(
      "columns",
      markdownTable([
        ["Statement", "`after` of the next row"],
        ...steps.map((step, index) => [code(step), shown(messages[index] && eventOf(messages[index])?.after)]),
      ]),
    );
  });
});

describe("a partitioned table", () => {
  test("has one topic with the changes of all its partitions, and a snapshot has each row once", async () => {
    await query(
      "create table sale.readings (id int, at date, value int, primary key (id, at)) partition by range (at);" +
        "create table sale.readings_2025 partition of sale.readings for values from ('2025-01-01') to ('2026-01-01');" +
        "create table sale.readings_2026 partition of sale.readings for values from ('2026-01-01') to ('2027-01-01');" +
        "insert into sale.readings values (1, '2025-02-01', 1), (2, '2026-02-01', 2)",
    );
    await read("kafkajs", "sale.readings", 2);
    await snapshot("sale.readings", "sale.readings_2025", "sale.readings_2026");
    const messages = await read("kafkajs", "sale.readings", 4);
    expect(messages.map((message) => [message.key, eventOf(message)?.op]).sort()).toEqual([
      ['{"id":1,"at":20120}', "c"],
      ['{"id":1,"at":20120}', "r"],
      ['{"id":2,"at":20485}', "c"],
      ['{"id":2,"at":20485}', "r"],
    ]);
    // the table's last row ends the snapshot: no partition follows
    expect(messages.map((message) => eventOf(message)?.source.snapshot)).toContain("last");
    expect(await topics()).not.toContain("readings_202");
  });

  test("gives a partition that is detached a topic of its own", async () => {
    await query(
      "alter table sale.readings detach partition sale.readings_2025;" +
        "insert into sale.readings_2025 values (3, '2025-03-01', 3)",
    );
    const [message] = await read("kafkajs", "sale.readings_2025", 1);
    expect(message?.key).toBe('{"id":3,"at":20148}');
  });
});

describe("a row", () => {
  test("of NaN and Infinity does not stop the others", async () => {
    await query(
      "create table sale.measurements (id int primary key, value numeric not null);" +
        "insert into sale.measurements values (1, 'NaN'), (2, 'Infinity'), (3, '-Infinity'), (4, 1.0)",
    );
    await read("kafkajs", "sale.measurements", 4);
    await snapshot("sale.measurements");
    const messages = await read("kafkajs", "sale.measurements", 8);
    expect(
      messages.map((message) => [message.key, eventOf(message)?.op, eventOf(message)?.after?.["value"]]).sort(),
    ).toEqual(
      ["NAN", "POSITIVE_INFINITY", "NEGATIVE_INFINITY", "1.0"].flatMap((value, index) =>
        ["c", "r"].map((op) => [`{"id":${String(index + 1)}}`, op, value]),
      ),
    );
  });

  test("of 20 MB arrives, as text and as bytes, and both libraries read it", async () => {
    const before = await restarts();
    const digits = "string_agg(md5(i::text), '')";
    await query("create table sale.large (id int primary key, note text, data bytea)");
    await query(`insert into sale.large select 1, ${digits}, null from generate_series(1, 625000) i`);
    await query(`insert into sale.large select 2, null, decode(${digits}, 'hex') from generate_series(1, 1250000) i`);
    // two bytes for each character in the worker's memory
    await query(
      "insert into sale.large select 3, string_agg(chr(7840 + i % 90), ''), null from generate_series(1, 6666667) i",
    );
    const messages = await read("kafkajs", "sale.large", 3, 120);
    expect(messages.map(({ key, bytes = 0 }) => [key, bytes > 20_000_000]).sort()).toEqual(
      [1, 2, 3].map((id) => [`{"id":${String(id)}}`, true]),
    );
    const byKey = (a: { key: string | null }, b: { key: string | null }): number =>
      (a.key ?? "") < (b.key ?? "") ? -1 : 1;
    expect((await read("librdkafka", "sale.large", 3)).sort(byKey)).toEqual([...messages].sort(byKey));
    expect(await restarts()).toBe(before);
  });

  test("is one of 850 of 544 kB in one transaction, and the worker's memory suffices", async () => {
    const before = await restarts();
    await query(
      "create table sale.larger (id int primary key, note text);" +
        "insert into sale.larger select i, repeat(md5(i::text), 17000) from generate_series(1, 850) i",
    );
    expect(await read("kafkajs", "sale.larger", 850, 180)).toHaveLength(850);
    expect(await restarts()).toBe(before);
  });
});

describe("tables whose names are not ASCII", () => {
  test("never share a topic, and PostgreSQL warns of what is lost", async () => {
    expect(await query('create table sale."ảnh" (id int primary key, "tên" text)')).toEqual([
      expect.stringMatching(/^the name of table sale."ảnh" is not ASCII, .* their topic ends with sale.___nh/),
      expect.stringMatching(/^names of columns of table sale."ảnh" are not ASCII, and are garbled in its events: tên/),
    ]);
    await query(`insert into sale."ảnh" values (1, 'a')`);
    expect(await read("kafkajs", "sale.___nh", 1)).toMatchObject([{ key: null }]);
    for (const other of ['create table sale."ánh" (id int)', "create table sale._nh (id int)"]) {
      await expect(query(other)).rejects.toThrow(/share a topic of change events, ending with sale._nh/);
    }
    await expect(query("create table sale.other (id int); alter table sale.other rename to ___nh")).rejects.toThrow(
      /share a topic of change events, ending with sale.___nh/,
    );
    expect(await query("create table sale.order_lines (id int); drop table sale.order_lines")).toEqual([]);
  });
});
