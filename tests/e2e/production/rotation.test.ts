import { database } from "../../../components/postgresql/cloudnative-pg/endpoints.ts";
import { type ChangeEvent, removeApplication, type Running, start, startApplication } from "../cdc.ts";
import { removeClients, startClients } from "../clients.ts";
import { eventually } from "../eventually.ts";
import { hosts, type Login, passwordOf, query, tryQuery } from "../postgresql.ts";
import { configure, pulumi, unset } from "../stack.ts";
import { clientImage, serverPods } from "./cluster.ts";

const client = { namespace: "nx-backend", name: "rotation-client", image: clientImage };
/** Applications do not reach the servers past the poolers. This pod has what servers may reach. */
const direct = { namespace: "nx-persistent", name: "rotation-direct", image: clientImage, labels: database.pods };
const user = "nx_seller_operator";
const session = "nx-pgbouncer-session.nx-persistent.svc.cluster.local";
const versions = [
  "postgresql.passwordVersion.postgres",
  `postgresql.passwordVersion.${user}`,
  "debezium.passwordVersion.cdc_user",
];

let old: { app: string; superuser: string };
let events: Running<ChangeEvent>;
let serversBefore: readonly string[];

const names = async (): Promise<string[]> => (await serverPods()).map(({ metadata }) => metadata.uid).sort();

/** A login of the application with its current password. */
const operator = async (host: string): Promise<Login> => ({ host, user, password: await passwordOf(user) });

beforeAll(async () => {
  await Promise.all([startClients(client, direct), startApplication()]);
  events = start("follow", "nx_seller_core.public.rotated");
  await query(client, await operator(hosts.pgbouncer), "create table rotated (id int primary key)");
  old = { app: await passwordOf(user), superuser: await passwordOf("postgres") };
  serversBefore = await names();
  for (const version of versions) await configure(version, "7");
  await pulumi("up", "--yes", "--skip-preview");
});
afterAll(async () => {
  events.stop();
  await query(client, await operator(hosts.pgbouncer), "drop table if exists rotated");
  for (const version of versions) await unset(version);
  await pulumi("up", "--yes", "--skip-preview");
  await Promise.all([removeClients(), removeApplication()]);
});

describe("rotating the passwords of all roles in one update", () => {
  test.each([
    ["the pooler", client, hosts.pgbouncer],
    ["the pooler in session mode", client, session],
    ["the primary", direct, hosts.primary],
    ["a replica", direct, hosts.replica],
  ])("makes %s accept the new password when the update ends, and refuse the old one", async (_, from, host) => {
    expect(await query(from, await operator(host), "select 1")).toBe("1");
    const { code, stderr } = await tryQuery(from, { host, user, password: old.app }, "select 1");
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/authentication failed/);
  });

  test("changes the superuser's password", async () => {
    const login = { host: hosts.primary, user: "postgres", password: await passwordOf("postgres") };
    expect(login.password).not.toBe(old.superuser);
    expect(await query(direct, login, "select current_user")).toBe("postgres");
    expect((await tryQuery(direct, { ...login, password: old.superuser }, "select 1")).code).not.toBe(0);
  });

  test("lets Debezium go on, with its new password", async () => {
    await query(client, await operator(hosts.pgbouncer), "insert into rotated values (1)");
    await eventually(
      () => {
        expect(events.lines.map(({ key }) => key?.id)).toContain(1);
      },
      { timeout: 120 },
    );
  });

  test("restarts no server", async () => {
    expect(await names()).toEqual(serversBefore);
  });
});
