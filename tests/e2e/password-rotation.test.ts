import { removeClients, startClients } from "./clients.ts";
import { eventually } from "./eventually.ts";
import { hosts, passwordOf, query, secretData, tryQuery } from "./postgresql.ts";
import { configure, pulumi } from "./stack.ts";

const client = { namespace: "nx-backend", name: "rotation-client" };
const user = "nx_seller_operator";

beforeAll(async () => startClients(client));
afterAll(removeClients);

describe("a raised password version", () => {
  let old: string;
  let changed: string;

  beforeAll(async () => {
    old = await passwordOf(user);
    await configure(`postgresql.passwordVersion.${user}`, "2");
    await pulumi("up", "--yes", "--skip-preview");
    changed = await passwordOf(user);
  });

  test("changes the role's Secret and the shared Secret alike", async () => {
    expect(changed).not.toBe(old);
    const shared = await secretData({ namespace: "nx-backend", name: "nx-shared-secret" });
    expect(shared.APP_ENV_POSTGRES_PASSWORD).toBe(changed);
    expect(JSON.stringify(shared)).not.toContain(old);
  });

  test.each(Object.entries(hosts))(
    "lets clients in at %s with the new password, and none with the old one",
    async (_endpoint, host) => {
      // the replica hears of it a moment later
      await eventually(async () => query(client, { host, user, password: changed }, "select 1"), { timeout: 30 });
      const { code, stderr } = await tryQuery(client, { host, user, password: old }, "select 1");
      expect(code).not.toBe(0);
      expect(stderr).toContain("authentication failed");
    },
  );

  test("leaves the other roles' passwords as they were", async () => {
    const login = { host: hosts.primary, user: "postgres", password: await passwordOf("postgres") };
    expect(await query(client, login, "select current_user")).toBe("postgres");
  });

  test("leaves nothing to do", async () => {
    await pulumi("preview", "--expect-no-changes");
  });
});
