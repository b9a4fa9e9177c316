import {
  logins,
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

describe("rotating the passwords of all stores in one update", () => {
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
    // differs from the versions that the tests of single stores set
    for (const version of versions) await configure(version, "9");
    await pulumi("up", "--yes", "--skip-preview");
    changed = await passwordOf(user);
  });

  test("lets an application with retries continue in every store, and loses no acknowledged write", async () => {
    // more than ten, so that the application reconnects
    await written(writing, 25, 300);
    await writing.stop();
    expect(await missing(writing.acknowledged)).toEqual(none);
  });

  test("changes every password in the shared Secret, and every store refuses the old one", async () => {
    const now = await secretData(shared);
    const secrets = Object.keys(before).filter((key) => /PASSWORD|API_KEY/.test(key));
    expect(secrets.length).toBeGreaterThan(3);
    expect(secrets.filter((key) => now[key] === before[key])).toEqual([]);

    expect(await logins(now)).toEqual(Object.fromEntries(stores.map((store) => [store, true])));
    const refused = await logins(before);
    expect(refused.postgresql).toContain("authentication failed");
    expect(refused.redis).toContain("WRONGPASS");
    expect(refused.kafka).toMatch(/authentication failed/i);
    expect(refused.typesense).toContain("401");
  });

  test("puts the same password in the role's Secret and the shared Secret", async () => {
    expect(changed).not.toBe(old);
    const data = await secretData(shared);
    expect(data.APP_ENV_POSTGRES_PASSWORD).toBe(changed);
    expect(JSON.stringify(data)).not.toContain(old);
  });

  test.each(Object.entries(hosts))(
    "accepts the new password and refuses the old one at %s",
    async (_endpoint, host) => {
      // the replica receives the change a moment later
      await eventually(async () => query(client, { host, user, password: changed }, "select 1"), { timeout: 30 });
      const { code, stderr } = await tryQuery(client, { host, user, password: old }, "select 1");
      expect(code).not.toBe(0);
      expect(stderr).toContain("authentication failed");
    },
  );

  test("leaves the other roles' passwords unchanged", async () => {
    const login = { host: hosts.primary, user: "postgres", password: await passwordOf("postgres") };
    expect(await query(client, login, "select current_user")).toBe("postgres");
  });

  test("leaves no change for a second preview", async () => {
    await pulumi("preview", "--expect-no-changes");
  });
});
