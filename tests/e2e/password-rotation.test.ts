import {
  logIns,
  missing,
  none,
  removeApplication,
  startApplication,
  startWriting,
  stores,
  written,
  type Writing,
} from "./application.ts";
import { removeClients, startClients } from "./clients.ts";
import { eventually } from "./eventually.ts";
import { hosts, passwordOf, query, secretData, tryQuery } from "./postgresql.ts";
import { configure, pulumi } from "./stack.ts";

const client = { namespace: "nx-backend", name: "rotation-client" };
const user = "nx_seller_operator";

const shared = { namespace: "nx-backend", name: "nx-shared-secret" };

beforeAll(async () => Promise.all([startClients(client), startApplication()]));
afterAll(async () => Promise.all([removeClients(), removeApplication()]));

describe("raised password versions of all stores, in one up", () => {
  let old: string;
  let changed: string;
  let before: Record<string, string>;
  let writing: Writing;

  beforeAll(async () => {
    old = await passwordOf(user);
    before = await secretData(shared);
    writing = startWriting();
    await written(writing, 10, 120);
    const versions = [
      `postgresql.passwordVersion.${user}`,
      "redis.passwordVersion",
      "kafka.passwordVersion",
      "typesense.passwordVersion",
      "debezium.passwordVersion.cdc_user",
      'debezium.passwordVersion["nx.debezium"]',
    ];
    // other than what tests of single stores set
    for (const version of versions) await configure(version, "9");
    await pulumi("up", "--yes", "--skip-preview");
    changed = await passwordOf(user);
  });

  test("let an application that tries again go on in every store, and lose nothing that it has been told is kept", async () => {
    // connections are made anew after every ten numbers
    await written(writing, 25, 300);
    await writing.stop();
    expect(await missing(writing.acknowledged)).toEqual(none);
  });

  test("change every password in the shared Secret, and shut out the old ones everywhere", async () => {
    const now = await secretData(shared);
    const secrets = Object.keys(before).filter((key) => /PASSWORD|API_KEY/.test(key));
    expect(secrets.length).toBeGreaterThan(3);
    expect(secrets.filter((key) => now[key] === before[key])).toEqual([]);

    expect(await logIns(now)).toEqual(Object.fromEntries(stores.map((store) => [store, true])));
    const refused = await logIns(before);
    expect(refused.postgresql).toContain("authentication failed");
    expect(refused.redis).toContain("WRONGPASS");
    expect(refused.kafka).toMatch(/authentication failed/i);
    expect(refused.typesense).toContain("401");
  });

  test("change the role's Secret and the shared Secret alike", async () => {
    expect(changed).not.toBe(old);
    const data = await secretData(shared);
    expect(data.APP_ENV_POSTGRES_PASSWORD).toBe(changed);
    expect(JSON.stringify(data)).not.toContain(old);
  });

  test.each(Object.entries(hosts))(
    "let clients in at %s with the new password, and none with the old one",
    async (_endpoint, host) => {
      // the replica hears of it a moment later
      await eventually(async () => query(client, { host, user, password: changed }, "select 1"), { timeout: 30 });
      const { code, stderr } = await tryQuery(client, { host, user, password: old }, "select 1");
      expect(code).not.toBe(0);
      expect(stderr).toContain("authentication failed");
    },
  );

  test("leave the other roles' passwords as they were", async () => {
    const login = { host: hosts.primary, user: "postgres", password: await passwordOf("postgres") };
    expect(await query(client, login, "select current_user")).toBe("postgres");
  });

  test("leave nothing to do", async () => {
    await pulumi("preview", "--expect-no-changes");
  });
});
