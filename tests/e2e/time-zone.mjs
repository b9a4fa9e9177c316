// Prints how many hours node-pg and TypeORM are off, as JSON by client: for times that the database wrote into a column
// `timestamp` and one `timestamptz`, and for a Date that the client itself wrote into `timestamp`.
import pg from "pg";
import { DataSource, EntitySchema } from "typeorm";

const env = (name) => process.env[`APP_ENV_${name}`];
const server = { host: env("POSTGRES_HOST"), port: Number(env("POSTGRES_PORT")), database: env("POSTGRES_DATABASE") };
const password = env("POSTGRES_PASSWORD");
const now = new Date();
const hours = (time) => Math.round((time - now) / 3_600_000);

// A temporary table of one transaction, which the pooler gives to one server connection.
const table =
  "create temporary table times (id int primary key default 1, plain timestamp default now(), " +
  "zoned timestamptz default now(), written timestamp) on commit drop";

async function nodePg() {
  const client = new pg.Client({ ...server, user: env("POSTGRES_USERNAME"), password });
  await client.connect();
  await client.query("begin");
  await client.query(table);
  const { rows } = await client.query("insert into times (written) values ($1) returning *", [now]);
  await client.query("commit");
  await client.end();
  return rows[0];
}

async function typeOrm() {
  const Times = new EntitySchema({
    name: "times",
    columns: {
      id: { type: "int", primary: true },
      plain: { type: "timestamp", createDate: true },
      zoned: { type: "timestamptz", createDate: true },
      written: { type: "timestamp" },
    },
  });
  const source = new DataSource({
    ...{ type: "postgres", ...server, username: env("POSTGRES_USERNAME"), password },
    entities: [Times],
  });
  await source.initialize();
  const row = await source.transaction(async (manager) => {
    await manager.query(table);
    await manager.insert(Times, { id: 1, written: now });
    return manager.findOneByOrFail(Times, { id: 1 });
  });
  await source.destroy();
  return row;
}

const off = ({ plain, zoned, written }) => ({ plain: hours(plain), zoned: hours(zoned), written: hours(written) });
console.log(JSON.stringify({ "node-pg": off(await nodePg()), TypeORM: off(await typeOrm()) }));
