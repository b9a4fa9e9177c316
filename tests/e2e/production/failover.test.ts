import { type ChangeEvent, removeApplication, type Running, start, startApplication } from "../cdc.ts";
import { removeClients, startClients } from "../clients.ts";
import { eventually } from "../eventually.ts";
import { hosts, type Login, passwordOf, query } from "../postgresql.ts";
import { startWriter } from "../writer.ts";
import { clientImage, deleteByForce, isWhole, killContainer, killPostgres, primaryPod, sql } from "./cluster.ts";

const client = { namespace: "nx-backend", name: "failover-client", image: clientImage };

/** The specification's limit for a failover of PostgreSQL, in seconds. */
const limit = 30;
const repaired = { timeout: 180 };

let operator: Login;
let events: Running<ChangeEvent>;

beforeAll(async () => {
  await Promise.all([startClients(client), startApplication()]);
  events = start("follow", "nx_seller_core.public.written");
  operator = { host: hosts.pgbouncer, user: "nx_seller_operator", password: await passwordOf("nx_seller_operator") };
  await eventually(isWhole, repaired);
});
afterAll(async () => {
  events.stop();
  await query(client, operator, "drop table if exists written");
  await Promise.all([removeClients(), removeApplication()]);
});

/** The longest time between two rows, in seconds. */
const longestGap = (): Promise<string> =>
  sql(`select max(extract(epoch from at - before))
         from (select at, lag(at) over (order by at) as before from written) as row`);

/** Which of the rows have no event yet. */
function withoutEvent(rows: readonly number[], during: string): number[] {
  const captured = new Set(
    events.lines.flatMap(({ op, key, after }) => (op === "c" && after?.["during"] === during ? [key?.id] : [])),
  );
  return rows.filter((id) => !captured.has(id));
}

describe.each([
  { loss: "its pod is deleted by force", lose: deleteByForce },
  { loss: "its postgres is killed", lose: killPostgres },
  { loss: "its container is killed", lose: killContainer },
])("the primary is lost while a client writes through the pooler: $loss", ({ loss, lose }) => {
  let committed: readonly number[];

  beforeAll(async () => {
    await query(client, operator, "drop table if exists written");
    await query(
      client,
      operator,
      `create table written (
         id int primary key, at timestamptz not null default clock_timestamp(), during text not null default '${loss}'
       )`,
    );
    const writer = startWriter(client, operator);
    await eventually(() => writer.committed.length >= 20);
    await lose(await primaryPod());
    const before = writer.committed.length;
    await eventually(() => writer.committed.length >= before + 20, { timeout: 120 });
    committed = await writer.stop();
  });

  test(`writes go on within ${String(limit)} seconds`, async () => {
    expect(Number(await longestGap())).toBeLessThan(limit);
  });

  test("no acknowledged row is lost", async () => {
    const stored = new Set((await query(client, operator, "select id from written")).split("\n").map(Number));
    expect(committed.filter((id) => !stored.has(id))).toEqual([]);
  });

  test("each of these rows has a change event", async () => {
    await eventually(() => {
      expect(withoutEvent(committed, loss)).toEqual([]);
    }, repaired);
  });

  test("all servers replicate again, with copies of Debezium's slot", async () => {
    await eventually(isWhole, repaired);
  });
});
