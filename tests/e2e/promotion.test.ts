import { type ChangeEvent, removeApplication, type Running, slotIsCopied, start, startApplication } from "./cdc.ts";
import { removeClients, startClients } from "./clients.ts";
import { eventually } from "./eventually.ts";
import type { Named } from "./kubernetes.ts";
import { hosts, type Login, passwordOf, primary, query, replica, sql, standbysOf } from "./postgresql.ts";
import { type RunningScript, startScript } from "./script.ts";
import { configure, pulumi, unset } from "./stack.ts";
import { startWriter, type Writer } from "./writer.ts";

const client = { namespace: "nx-backend", name: "promotion-client" };
const setting = "postgresql.primaryServer";
const deadline = { timeout: 120 };
let operator: Login;
let events: Running<ChangeEvent>;

const inRecovery = async (pod: Named): Promise<string> => sql(pod, "select pg_is_in_recovery()");
const headless = (statefulSet: string): string => `${statefulSet}-headless.${primary.namespace}.svc.cluster.local`;

beforeAll(async () => {
  await Promise.all([startClients(client), startApplication()]);
  events = start("follow", "nx_seller_core.public.written");
  operator = { host: hosts.pgbouncer, user: "nx_seller_operator", password: await passwordOf("nx_seller_operator") };
});
afterAll(async () => {
  events.stop();
  await Promise.all([removeClients(), removeApplication()]);
  await unset(setting);
});

describe.each([
  {
    change: "promoting the replica",
    apply: async () => configure(setting, "nx-postgresql-replica"),
    becomes: { primary: replica, standby: primary, answers: "t f t" },
  },
  {
    change: "switching the roles back",
    apply: async () => unset(setting),
    becomes: { primary, standby: replica, answers: "f t f" },
  },
])("$change by configuration while a client writes", ({ change, apply, becomes }) => {
  let writer: Writer;
  let committed: readonly number[];
  let roles: RunningScript;
  let clonedAt: string;

  /** Creation time of the data directory of the server that becomes the standby; a new clone has a later one. */
  const cloneTime = async (): Promise<string> =>
    sql(becomes.standby, "select modification from pg_stat_file('PG_VERSION')");

  beforeAll(async () => {
    await eventually(async () => query(client, operator, "drop table if exists written"));
    await query(
      client,
      operator,
      `create table written (id int primary key, during text not null default '${change}')`,
    );
    await slotIsCopied(becomes.primary);
    clonedAt = await cloneTime();
    writer = startWriter(client, operator);
    roles = startScript(
      client,
      operator,
      "roles.sh",
      ...["primary", "replica"].map((of) => headless(`nx-postgresql-${of}`)),
    );
    await eventually(() => writer.committed.length >= 20 && roles.lines.length >= 5);
    await apply();
    await pulumi("up", "--yes", "--skip-preview");
    const atEnd = writer.committed.length;
    await eventually(() => writer.committed.length >= atEnd + 20, deadline);
  });

  test("switches the servers' roles, and the Services follow", async () => {
    expect(await inRecovery(becomes.primary)).toBe("f");
    expect(await inRecovery(becomes.standby)).toBe("t");
    for (const [host, answer] of [
      [hosts.primary, "f"],
      [hosts.pgbouncer, "f"],
      [hosts.replica, "t"],
    ] as const) {
      expect(await query(client, { ...operator, host }, "select pg_is_in_recovery()")).toBe(answer);
    }
  });

  test("loses no committed row, and two servers never accept writes at the same time", async () => {
    committed = await writer.stop();
    const stored = new Set((await query(client, operator, "select id from written")).split("\n").map(Number));
    expect(committed.filter((id) => !stored.has(id))).toEqual([]);

    const seen = await roles.stop();
    expect(seen).toContain(becomes.answers);
    expect(seen.filter((line) => line === "f f f")).toEqual([]);
  });

  test("yields a change event for each of these rows, read from the new primary after the switch", async () => {
    await eventually(
      () => {
        const captured = new Set(
          events.lines.flatMap(({ op, key, after }) => (op === "c" && after?.["during"] === change ? [key?.id] : [])),
        );
        const without = committed.filter((id) => !captured.has(id));
        if (without.length > 0)
          throw new Error(
            `${without.length} of ${committed.length} rows without an event: ${without.slice(0, 10).join()}`,
          );
      },
      { timeout: 180 },
    );
  });

  test("makes the former primary a standby without a new clone", async () => {
    await eventually(async () => {
      expect(await standbysOf(becomes.primary)).toBe(`${becomes.standby.name}|streaming`);
    }, deadline);
    await eventually(async () => {
      expect(await sql(becomes.standby, "select count(*) from written")).toBe(
        await sql(becomes.primary, "select count(*) from written"),
      );
    });
    expect(await cloneTime()).toBe(clonedAt);
    // slots left over from its time as the primary would retain WAL indefinitely
    await slotIsCopied(becomes.standby);
  });

  test("leaves no change for a second preview", async () => {
    await pulumi("preview", "--expect-no-changes");
  });
});
