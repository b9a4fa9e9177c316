import { type ChangeEvent, removeApplication, type Running, startApplication } from "../cdc.ts";
import { removeClients, startClients } from "../clients.ts";
import { eventually } from "../eventually.ts";
import { hosts, type Login, passwordOf, query } from "../postgresql.ts";
import { clientImage, isWhole } from "./cluster.ts";
import { followEvents, limit, longestGap, losses, lostRows, type Outage, outage, withoutEvent } from "./failover.ts";

const client = { namespace: "nx-backend", name: "failover-client", image: clientImage };
const repaired = { timeout: 180 };

let login: Login;
let events: Running<ChangeEvent>;

beforeAll(async () => {
  await Promise.all([startClients(client), startApplication()]);
  events = followEvents();
  login = { host: hosts.pgbouncer, user: "nx_seller_operator", password: await passwordOf("nx_seller_operator") };
  await eventually(isWhole, repaired);
});
afterAll(async () => {
  events.stop();
  await query(client, login, "drop table if exists written");
  await Promise.all([removeClients(), removeApplication()]);
});

describe.each(losses)("the primary is lost while a client writes through the pooler: $loss", ({ loss, lose }) => {
  let lost: Outage;
  let committed: readonly number[];

  beforeAll(async () => {
    lost = { client, login, lose, during: loss };
    committed = await outage(lost);
  });

  // The benchmark compares the time with the limit: here all servers and the tests share the machine's processors.
  test("writes go on by themselves, within twice the limit", async () => {
    expect(await longestGap()).toBeLessThan(2 * limit);
  });

  test("no acknowledged row is lost", async () => {
    expect(await lostRows(lost, committed)).toEqual([]);
  });

  test("each of these rows has a change event", async () => {
    await eventually(() => {
      expect(withoutEvent(events, lost, committed)).toEqual([]);
    }, repaired);
  });

  test("all servers replicate again, with copies of Debezium's slot", async () => {
    await eventually(isWhole, repaired);
  });
});
