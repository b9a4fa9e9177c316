// What applications do to PostgreSQL through the pooler, with the libraries that they use. Runs in a pod of nx-backend
// with shared-config and nx-shared-secret as its environment. Prints JSON. Arguments:
//   VARIABLE             runs each scenario on the database that this shared variable names; prints an object with the
//                        outcome of each: a value, or the message of its error
//   VARIABLE recovery    repeats a named `select *` in an old client and in new ones after ADD COLUMN until it works in
//                        both; prints the first outcome and, on a second line, the last
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { runner } from "node-pg-migrate";
import pg from "pg";
import { DataSource, EntitySchema } from "typeorm";

const env = (name) => process.env[`APP_ENV_POSTGRES_${name}`];
const host = env("HOST");
const port = Number(env("PORT"));
const user = env("USERNAME");
const password = env("PASSWORD");
const database = env(process.argv[2]);

async function client(options = {}) {
  const connected = new pg.Client({ host, port, user, password, database, query_timeout: 30_000, ...options });
  // the next query reports a lost connection
  connected.on("error", () => undefined);
  await connected.connect();
  return connected;
}

/** Runs `use` with that many connected clients, and disconnects them. */
async function withClients(count, use) {
  const clients = await Promise.all(Array.from({ length: count }, () => client()));
  try {
    return await use(...clients);
  } finally {
    await Promise.all(clients.map((each) => each.end()));
  }
}

const valueOf = ({ rows }) => Object.values(rows[0])[0];

/** The answer to a start-up packet: `accepted` if the server asks for the password, else its message. */
function startUp(parameters) {
  const body = Object.entries({ user, database, ...parameters }).flatMap(([name, value]) => [name, value]);
  const text = Buffer.from(`${body.join("\0")}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + text.length, 0);
  // protocol 3.0
  head.writeInt32BE(196_608, 4);
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => socket.write(Buffer.concat([head, text])));
    socket.once("error", reject);
    socket.once("data", (answer) => {
      socket.destroy();
      const message = answer.toString("latin1");
      resolve(message.startsWith("R") ? "accepted" : (/\0M([^\0]*)/.exec(message)?.[1] ?? message));
    });
  });
}

const User = new EntitySchema({
  name: "PoolerUser",
  tableName: "pooler_users",
  columns: { id: { type: "int", primary: true }, name: { type: "text" } },
});

async function withTypeOrm(use) {
  const source = new DataSource({
    ...{ type: "postgres", host, port, username: user, password, database, entities: [User] },
    ...{ extra: { max: 2 } },
  });
  await source.initialize();
  try {
    return await use(source);
  } finally {
    await source.destroy();
  }
}

/** Starts a migration of its own table of migrations that takes a while. */
function migrate(name) {
  return runner({
    databaseUrl: { host, port, user, password, database },
    dir: "/tmp/migrations",
    migrationsTable: `migrations_${name}`,
    direction: "up",
    log: () => undefined,
  }).then(
    (migrations) => `migrated ${migrations.length}`,
    (error) => error.message,
  );
}

const scenarios = {
  "node-pg: a session advisory lock keeps others out": () =>
    withClients(2, async (holder, other) => {
      await holder.query("select pg_advisory_lock(7)");
      return !valueOf(await other.query("select pg_try_advisory_lock(7)"));
    }),

  "node-pg: an advisory lock outlives its client": async () => {
    await withClients(1, (holder) => holder.query("select pg_advisory_lock(8)"));
    return withClients(
      1,
      async (other) => valueOf(await other.query("select count(*)::int from pg_locks where objid = 8")) > 0,
    );
  },

  "node-pg: a transaction's advisory lock keeps others out": () =>
    withClients(2, async (holder, other) => {
      await holder.query("begin");
      await holder.query("select pg_advisory_xact_lock(9)");
      const kept = !valueOf(await other.query("select pg_try_advisory_xact_lock(9)"));
      await holder.query("commit");
      return kept;
    }),

  "node-pg: search_path stays set for its client": () =>
    withClients(1, async (setter) => {
      await setter.query("select set_config('search_path', 'sale', false)");
      return valueOf(await setter.query("show search_path")) === "sale";
    }),

  "node-pg: search_path reaches another client": async () => {
    await withClients(1, (setter) => setter.query("select set_config('search_path', '', false)"));
    return withClients(10, async (...others) => {
      const paths = await Promise.all(others.map((other) => other.query("show search_path")));
      return paths.some((path) => valueOf(path) === '""');
    });
  },

  "node-pg: SET LOCAL holds in its transaction": () =>
    withClients(1, async (setter) => {
      await setter.query("begin");
      await setter.query("set local search_path = sale");
      const path = valueOf(await setter.query("show search_path"));
      await setter.query("commit");
      return path === "sale";
    }),

  "node-pg: SET timezone stays set for its client": () =>
    withClients(1, async (setter) => {
      await setter.query("set timezone = 'America/Lima'");
      return valueOf(await setter.query("show timezone")) === "America/Lima";
    }),

  "node-pg: LISTEN receives notifications": () =>
    withClients(2, async (listener, notifier) => {
      const received = new Promise((resolve) => listener.once("notification", () => resolve(true)));
      await listener.query("listen pooler");
      await notifier.query("notify pooler");
      return Promise.race([received, sleep(1500, false)]);
    }),

  "node-pg: a temporary table stays for the next query": () =>
    withClients(1, async (owner) => {
      await owner.query("create temporary table pooler_temporary as select 1 as value");
      return valueOf(await owner.query("select value from pooler_temporary")) === 1;
    }),

  "node-pg: SQL PREPARE stays for the next query": () =>
    withClients(1, async (preparer) => {
      await preparer.query("prepare pooler_statement as select 1");
      return valueOf(await preparer.query("execute pooler_statement")) === 1;
    }),

  "node-pg: a named statement runs again": () =>
    withClients(1, async (preparer) => {
      const named = { name: "pooler-named", text: "select $1::int" };
      await preparer.query({ ...named, values: [1] });
      return valueOf(await preparer.query({ ...named, values: [2] })) === 2;
    }),

  "node-pg: an old client's named `select *` works after ADD COLUMN": () =>
    withClients(2, async (old, migrator) => {
      const named = { name: "pooler-star", text: "select * from pooler_star" };
      await migrator.query("drop table if exists pooler_star");
      await migrator.query("create table pooler_star (id int)");
      await old.query(named);
      await migrator.query("alter table pooler_star add column extra int");
      return (await old.query(named)).fields.length === 2;
    }),

  "node-pg: a new client's named `select *` works after ADD COLUMN": async () => {
    const named = { name: "pooler-star", text: "select * from pooler_star" };
    await withClients(1, (migrator) =>
      migrator.query("drop table if exists pooler_star; create table pooler_star (id int)"),
    );
    await withClients(1, (old) => old.query(named));
    await withClients(1, (migrator) => migrator.query("alter table pooler_star add column extra int"));
    return withClients(1, async (newer) => (await newer.query(named)).fields.length === 2);
  },

  "node-pg: statement_timeout as a connection parameter": async () => (await client({ statement_timeout: 1000 })).end(),
  "node-pg: lock_timeout as a connection parameter": async () => (await client({ lock_timeout: 1000 })).end(),
  "node-pg: idle_in_transaction_session_timeout as a connection parameter": async () =>
    (await client({ idle_in_transaction_session_timeout: 1000 })).end(),
  "node-pg: options=-c search_path=sale": async () => (await client({ options: "-c search_path=sale" })).end(),
  "node-pg: options=-c timezone=UTC is honoured": async () => {
    const utc = await client({ options: "-c timezone=UTC" });
    const timezone = valueOf(await utc.query("show timezone"));
    await utc.end();
    return timezone === "UTC";
  },
  "node-pg: query_timeout of the library ends a slow query": async () => {
    const impatient = await client({ query_timeout: 300 });
    const message = await impatient.query("select pg_sleep(2)").catch((error) => error.message);
    await impatient.end();
    return message === "Query read timeout";
  },
  "node-pg: SET LOCAL statement_timeout ends a slow query": () =>
    withClients(1, async (setter) => {
      await setter.query("begin; set local statement_timeout = '100ms'");
      const code = await setter.query("select pg_sleep(2)").catch((error) => error.code);
      await setter.query("rollback");
      return code === "57014";
    }),

  "TypeORM: writes, reads and transactions": () =>
    withTypeOrm(async (source) => {
      await source.query("drop table if exists pooler_users");
      await source.synchronize();
      await source.transaction((manager) => manager.save(User, { id: 1, name: "Ada" }));
      return (await source.getRepository(User).findOneBy({ id: 1 })).name === "Ada";
    }),
  "TypeORM: a repository reads after ADD COLUMN": () =>
    withTypeOrm(async (source) => {
      const repository = source.getRepository(User);
      await repository.find();
      await source.query("alter table pooler_users add column if not exists extra int");
      return (await repository.find()).length === 1;
    }),
  "TypeORM: SET stays set for a query runner": () =>
    withTypeOrm(async (source) => {
      const runner = source.createQueryRunner();
      await runner.query("set search_path = sale");
      const [row] = await runner.query("show search_path");
      await runner.release();
      return row.search_path === "sale";
    }),

  "TypeORM: statement_timeout in `extra`": async () => {
    const source = new DataSource({
      ...{ type: "postgres", host, port, username: user, password, database, extra: { statement_timeout: 1000 } },
    });
    await source.initialize();
    await source.destroy();
  },

  "node-pg-migrate: a second run at the same time is refused": async () => {
    const first = migrate("a");
    await sleep(700);
    const second = await migrate("b");
    await first;
    return /^Another migration is already running/.test(second);
  },
  "node-pg-migrate: the next run works": async () => /^migrated/.test(await migrate("c")) || (await migrate("c")),

  "JDBC: start-up packet with extra_float_digits": () => startUp({ extra_float_digits: "3" }),
  "JDBC: currentSchema (start-up parameter search_path)": () => startUp({ search_path: "sale" }),
};

async function recovery() {
  const named = { name: "pooler-recovery", text: "select * from pooler_recovery" };
  const columns = (each) =>
    each.query(named).then(
      ({ fields }) => fields.length,
      (error) => error.message,
    );
  return withClients(2, async (old, migrator) => {
    await migrator.query("drop table if exists pooler_recovery; create table pooler_recovery (id int)");
    await columns(old);
    await migrator.query("alter table pooler_recovery add column extra int");
    print(await columns(old));
    const deadline = Date.now() + 30_000;
    let last;
    do {
      await sleep(200);
      last = [await columns(old), await withClients(1, columns)];
    } while (last.some((outcome) => outcome !== 2) && Date.now() < deadline);
    await migrator.query("drop table pooler_recovery");
    print(last);
  });
}

async function all() {
  mkdirSync("/tmp/migrations", { recursive: true });
  writeFileSync("/tmp/migrations/1700000000000_slow.sql", "-- Up Migration\nselect pg_sleep(2);\n");
  const outcomes = {};
  for (const [name, scenario] of Object.entries(scenarios)) {
    outcomes[name] = await Promise.resolve()
      .then(scenario)
      .catch((error) => error.message);
    if (outcomes[name] === undefined) outcomes[name] = "accepted";
  }
  await withClients(1, (cleaner) =>
    cleaner.query("drop table if exists pooler_star, pooler_users, migrations_a, migrations_b, migrations_c"),
  );
  return outcomes;
}

function print(outcome) {
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}

if (process.argv[3] === "recovery") await recovery();
else print(await all());
process.exit(0);
