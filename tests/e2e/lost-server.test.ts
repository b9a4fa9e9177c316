import { type ChangeEvent, removeApplication, type Running, slotIsCopied, start, startApplication } from "./cdc.ts";
import { removeClients, startClients } from "./clients.ts";
import { eventually } from "./eventually.ts";
import { find, isReady, kubectl, type Named, type Pod } from "./kubernetes.ts";
import { loseVolumes } from "./lost-volumes.ts";
import { hosts, type Login, passwordOf, primary, query, replica, sql, standbysOf } from "./postgresql.ts";
import { configure, pulumi, unset } from "./stack.ts";

const client = { namespace: "nx-backend", name: "lost-server-client" };
const settings = { primary: "postgresql.primaryServer", lost: "postgresql.otherServerLost" };
const deadline = { timeout: 180 };
let operator: Login;
let events: Running<ChangeEvent>;

const up = async (): Promise<string> => pulumi("up", "--yes", "--skip-preview");
const inRecovery = async (server: Named): Promise<string> => sql(server, "select pg_is_in_recovery()");
const rows = async (server: Named): Promise<string> =>
  sql(server, "select string_agg(id::text, ' ' order by id) from kept_rows");

/** Writes a row through the pooler and waits for its change event. */
async function write(id: number): Promise<void> {
  await eventually(async () => query(client, operator, `insert into kept_rows values (${id}) on conflict do nothing`));
  await eventually(() => events.lines.some(({ op, key }) => op === "c" && key?.id === id), deadline);
}

beforeAll(async () => {
  await Promise.all([startClients(client), startApplication()]);
  operator = { host: hosts.pgbouncer, user: "nx_seller_operator", password: await passwordOf("nx_seller_operator") };
  events = start("follow", "nx_seller_core.public.kept_rows");
  await query(client, operator, "create table kept_rows (id int primary key)");
  await write(1);
  await eventually(async () => {
    expect(await rows(replica)).toBe("1");
  });
  await slotIsCopied(replica);
});
afterAll(async () => {
  events.stop();
  await Promise.all([removeClients(), removeApplication()]);
  await unset(settings.lost);
  await unset(settings.primary);
});

describe("a primary whose volume is lost", () => {
  test("creates no empty database while the replica has the data, and says what to do", async () => {
    await loseVolumes(primary);
    await eventually(async () => {
      const init = ["--namespace", primary.namespace, primary.name, "--container", "init-primary"];
      const log = await kubectl(["logs", ...init]);
      expect(log).toContain("this volume is empty, and nx-postgresql-replica");
      expect(log).toContain("Make that server the primary (postgresql.primaryServer)");
    }, deadline);
    expect(isReady(await find<Pod>("pod", primary))).toBe(false);
    expect(await rows(replica)).toBe("1");
  });

  test("is shut down once it is declared lost, and the replica is promoted with all that it had received", async () => {
    await configure(settings.primary, "nx-postgresql-replica");
    await configure(settings.lost, "true");
    await up();
    expect(await find("pod", primary)).toBeUndefined();
    expect(await inRecovery(replica)).toBe("f");
    await write(2);
    expect(await rows(replica)).toBe("1 2");
  });

  test("clones the new primary when it returns with an empty disk, and streams from it", async () => {
    await unset(settings.lost);
    await up();
    await eventually(async () => {
      expect(await standbysOf(replica)).toBe(`${primary.name}|streaming`);
    }, deadline);
    expect(await inRecovery(primary)).toBe("t");
    await write(3);
    await eventually(async () => {
      expect(await rows(primary)).toBe("1 2 3");
    });
  });

  test("becomes the primary again when the setting is removed", async () => {
    await slotIsCopied(primary);
    await unset(settings.primary);
    await up();
    await write(4);
    expect(await inRecovery(primary)).toBe("f");
    expect(await rows(primary)).toBe("1 2 3 4");
    await eventually(async () => {
      expect(await standbysOf(primary)).toBe(`${replica.name}|streaming`);
    }, deadline);
    await slotIsCopied(replica);
    await pulumi("preview", "--expect-no-changes");
  });
});
