import { type ChangeEvent, removeApplication, start, startApplication } from "./cdc.ts";
import { removeClients, startClients } from "./clients.ts";
import { eventually } from "./eventually.ts";
import { hosts, type Login, passwordOf, primary, query, sql } from "./postgresql.ts";

const client = { namespace: "nx-backend", name: "ownership-client" };
let operator: Login;

/** SQL as the application runs it: through the pooler. */
const application = (statements: string): Promise<string> => query(client, operator, statements);
/** SQL as `npm run connect -- postgres` runs it. */
const superuser = (statements: string): Promise<string> => sql(primary, statements);
const ownerOf = (relation: string): Promise<string> =>
  superuser(`select relowner::regrole from pg_class where oid = '${relation}'::regclass`);
const captureReads = (relation: string): Promise<string> =>
  superuser(`select has_table_privilege('cdc_user', '${relation}', 'select')`);

beforeAll(async () => {
  await Promise.all([startClients(client), startApplication()]);
  operator = { host: hosts.pgbouncer, user: "nx_seller_operator", password: await passwordOf("nx_seller_operator") };
  await superuser("create schema ownership_elsewhere");
});
afterAll(async () => {
  await superuser(`
    drop schema ownership_elsewhere cascade;
    drop role if exists ownership_maker;
    drop table if exists sale.owned_events`);
  await Promise.all([removeClients(), removeApplication()]);
});

describe("in the application's schemas, what the superuser makes is the application's:", () => {
  test.each([
    { how: "CREATE TABLE", ddl: "create table sale.owned (id serial primary key, note text)" },
    { how: "CREATE TABLE AS", ddl: "create table sale.owned as select 1 as id, 'first' as note" },
    { how: "SELECT INTO", ddl: "select 1 as id, 'first' as note into sale.owned" },
    {
      how: "a partitioned table and its partition",
      ddl: `create table sale.owned (id int generated always as identity, note text) partition by range (id);
            create table sale.owned_1 partition of sale.owned default`,
    },
    {
      how: "ALTER TABLE SET SCHEMA",
      ddl: `create table ownership_elsewhere.owned (id serial, note text);
            alter table ownership_elsewhere.owned set schema sale`,
    },
    {
      how: "a table whose owner is set to the superuser",
      ddl: "create table sale.owned (id serial, note text); alter table sale.owned owner to postgres",
    },
  ])("$how", async ({ ddl }) => {
    await superuser(ddl);
    try {
      expect(await captureReads("sale.owned")).toBe("t");
      await application("alter table sale.owned add column extra int");
      expect(await application("insert into sale.owned (note) values ('second') returning note")).toBe("second");
      await application("update sale.owned set extra = 1; delete from sale.owned where note = 'first'");
      expect(await application("select note, extra from sale.owned")).toBe("second|1");
      await application("drop table sale.owned");
    } finally {
      await superuser("drop table if exists sale.owned");
    }
  });

  test.each([
    {
      how: "a function, which no longer runs with the superuser's rights",
      ddl: "create function sale.owned(in number int default 1) returns name language sql security definer as 'select current_user'",
      use: "select sale.owned()",
      result: "nx_seller_operator",
      drop: "drop function sale.owned",
    },
    {
      how: "a type",
      ddl: "create type sale.owned as enum ('a')",
      use: "alter type sale.owned add value 'b'; select 'b'::sale.owned",
      result: "b",
      drop: "drop type sale.owned",
    },
    {
      how: "a view",
      ddl: "create view sale.owned as select 1 as id",
      use: "alter view sale.owned rename column id to number; select number from sale.owned",
      result: "1",
      drop: "drop view sale.owned",
    },
    {
      how: "a sequence with an unusual name",
      ddl: `create sequence sale."Owned ""sequence"`,
      use: `alter sequence sale."Owned ""sequence" restart 7; select nextval('sale."Owned ""sequence"')`,
      result: "7",
      drop: `drop sequence sale."Owned ""sequence"`,
    },
  ])("$how", async ({ ddl, use, result, drop }) => {
    await superuser(ddl);
    expect(await application(use)).toBe(result);
    await application(drop);
  });

  test("changes of such a table are events", async () => {
    await superuser("create table sale.owned_events (id int primary key, note text)");
    await application("insert into sale.owned_events values (1, 'written by the application')");
    const events = start<ChangeEvent>("follow", "nx_seller_core.sale.owned_events");
    await eventually(() => expect(events.lines.map(({ op }) => op)).toEqual(["c"]), { timeout: 120 });
    events.stop();
  });
});

test("another role that may create tables there makes them the application's, too", async () => {
  await superuser("create role ownership_maker; grant usage, create on schema sale to ownership_maker");
  await superuser("set role ownership_maker; create table sale.owned (id int)");
  expect(await ownerOf("sale.owned")).toBe("nx_seller_operator");
  await application("drop table sale.owned");
  await superuser("revoke all on schema sale from ownership_maker");
});

test("what existed already is handed over when the function of the bootstrap SQL runs", async () => {
  await superuser(`
    alter event trigger hand_over_new_objects disable;
    create table sale.owned (id serial);
    alter event trigger hand_over_new_objects enable`);
  expect(await ownerOf("sale.owned")).toBe("postgres");
  await superuser("select data_layer.hand_over(object) from data_layer.foreign_owned as object");
  expect([await ownerOf("sale.owned"), await captureReads("sale.owned")]).toEqual(["nx_seller_operator", "t"]);
  await application("drop table sale.owned");
});

describe("keep their owner:", () => {
  test("tables in other schemas", async () => {
    await superuser("create table ownership_elsewhere.kept (id int)");
    expect(await ownerOf("ownership_elsewhere.kept")).toBe("postgres");
  });

  test("temporary tables", async () => {
    const owner = "select relowner::regrole from pg_class where relname = 'kept_temporary'";
    expect(await superuser(`create temporary table kept_temporary (id int); ${owner}`)).toBe("postgres");
  });

  test("members of extensions", async () => {
    await superuser("create extension citext schema sale");
    try {
      expect(await superuser("select typowner::regrole from pg_type where oid = 'sale.citext'::regtype")).toBe(
        "postgres",
      );
      expect(await superuser("select count(*) from data_layer.foreign_owned")).toBe("0");
    } finally {
      await superuser("drop extension citext");
    }
  });

  test("nobody but the superuser can change the functions that hand over", async () => {
    await expect(application("select data_layer.hand_over(null)")).rejects.toThrow("permission denied");
    await expect(application("create table data_layer.mine (id int)")).rejects.toThrow("permission denied");
  });
});
