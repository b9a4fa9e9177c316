import { ApplicationPod } from "./application-pod.ts";
import { removeClients, startClients } from "./clients.ts";
import { attempt, type Result } from "./command.ts";
import { eventually } from "./eventually.ts";
import { exec, isReady, kubectl, type Named, tryExec } from "./kubernetes.ts";
import { poolerCheck, poolerConsole } from "./pooler.ts";
import {
  hosts,
  type Login,
  passwordOf,
  poolers,
  primary,
  query,
  replica,
  type Role,
  sql,
  tryQuery,
} from "./postgresql.ts";
import { session } from "./session.ts";

const application = new ApplicationPod("pooler", "pooler.mjs");
const client: Named = { namespace: "nx-backend", name: "pooler-client" };
const sessionDatabase = "nx_seller_core_session";
const refused = (parameter: string): string => `unsupported startup parameter: ${parameter}`;
let operator: Login;

/** Runs `npm run connect -- pgbouncer -- -Atc COMMAND`. */
const admin = (command: string): Promise<Result> =>
  attempt(
    process.execPath,
    ["launcher/bootstrap.mjs", "connect", "--state", stateName(), "pgbouncer", "--", "-Atc", command],
    { cwd: session().checkout, timeout: 120 },
  );
const stateName = (): string => session().stateDir.split("/").at(-1) ?? "";
const pooled = (statements: string, login: Partial<Login> = {}): Promise<string> =>
  query(client, { ...operator, ...login }, statements);

/** Runs SQL as that many clients of the pooler in the background. They stay connected until {@link release}. */
function held(count: number, statements: string, database = "nx_seller_core"): Promise<Result> {
  const { host, user, password } = operator;
  const environment = [`PGHOST=${host}`, `PGUSER=${user}`, `PGPASSWORD=${password}`, `PGDATABASE=${database}`];
  const one = `(printf '%s\\n' "$0"; until [ -e /tmp/release ]; do sleep 0.2; done; echo 'select 1;') | psql -qXAt`;
  const all = `for client in $(seq ${String(count)}); do (${one}) & done; wait`;
  return tryExec(client, ["env", ...environment, "sh", "-c", all, statements], { timeout: 120 });
}
const release = (): Promise<string> => exec(client, ["touch", "/tmp/release"]);

/** Columns of a line of the admin console's SHOW POOLS: database, user, active and waiting clients, ... */
async function pool(database: string): Promise<string[]> {
  const lines = (await poolerConsole("show pools")).split("\n");
  return lines.find((line) => line.startsWith(`${database}|${operator.user}|`))?.split("|") ?? [];
}

beforeAll(async () => {
  await Promise.all([startClients(client), application.start()]);
  operator = { host: hosts.pgbouncer, user: "nx_seller_operator", password: await passwordOf("nx_seller_operator") };
});
afterAll(async () => {
  await Promise.all([removeClients(), application.remove()]);
});

/** What docs/pooling.md says: the scenario of `pooler.mjs`, then its outcome in transaction and in session mode. */
const lines: readonly (readonly [scenario: string, transaction: unknown, session: unknown])[] = [
  ["node-pg: a session advisory lock keeps others out", false, true],
  ["node-pg: an advisory lock outlives its client", false, false],
  ["node-pg: a transaction's advisory lock keeps others out", true, true],
  ["node-pg: search_path stays set for its client", false, true],
  ["node-pg: search_path reaches another client", false, false],
  ["node-pg: SET LOCAL holds in its transaction", true, true],
  ["node-pg: SET timezone stays set for its client", true, true],
  ["node-pg: LISTEN receives notifications", false, true],
  ["node-pg: a temporary table stays for the next query", 'relation "pooler_temporary" does not exist', true],
  ["node-pg: SQL PREPARE stays for the next query", 'prepared statement "pooler_statement" does not exist', true],
  ["node-pg: a named statement runs again", true, true],
  // in session mode as without a pooler: the statement belongs to the client's own session
  ["node-pg: an old client's named `select *` works after ADD COLUMN", true, "cached plan must not change result type"],
  ["node-pg: a new client's named `select *` works after ADD COLUMN", true, true],
  ["node-pg: statement_timeout as a connection parameter", refused("statement_timeout"), refused("statement_timeout")],
  ["node-pg: lock_timeout as a connection parameter", refused("lock_timeout"), refused("lock_timeout")],
  [
    "node-pg: idle_in_transaction_session_timeout as a connection parameter",
    refused("idle_in_transaction_session_timeout"),
    refused("idle_in_transaction_session_timeout"),
  ],
  [
    "node-pg: options=-c search_path=sale",
    "unsupported startup parameter in options: search_path",
    "unsupported startup parameter in options: search_path",
  ],
  ["node-pg: options=-c timezone=UTC is honoured", true, true],
  ["node-pg: query_timeout of the library ends a slow query", true, true],
  ["node-pg: SET LOCAL statement_timeout ends a slow query", true, true],
  ["TypeORM: writes, reads and transactions", true, true],
  ["TypeORM: a repository reads after ADD COLUMN", true, true],
  ["TypeORM: SET stays set for a query runner", false, true],
  ["TypeORM: statement_timeout in `extra`", refused("statement_timeout"), refused("statement_timeout")],
  ["node-pg-migrate: a second run at the same time is refused", false, true],
  ["node-pg-migrate: the next run works", true, true],
  ["JDBC: start-up packet with extra_float_digits", "accepted", "accepted"],
  ["JDBC: currentSchema (start-up parameter search_path)", refused("search_path"), refused("search_path")],
];

test.each([
  { mode: "transaction", variable: "DATABASE", column: 1 },
  { mode: "session", variable: "SESSION_DATABASE", column: 2 },
] as const)("libraries in $mode mode do what docs/pooling.md says", async ({ variable, column }) => {
  const outcomes = JSON.parse(await application.run([variable], { timeout: 120 })) as Record<string, unknown>;
  expect(outcomes).toEqual(Object.fromEntries(lines.map((line) => [line[0], line[column]])));
});

test("without the reset, prepared statements recover from DDL when their server connections are replaced", async () => {
  try {
    await poolerConsole("set server_reset_query_always = 0");
    const outcomes: unknown[] = [];
    const { ended } = application.stream(["DATABASE", "recovery"], {
      onLine: (line) => outcomes.push(JSON.parse(line)),
    });
    await eventually(() => outcomes.length > 0);
    // Only now: a replaced connection would not have the old plan.
    await poolerConsole("set server_lifetime = 2");
    await ended;
    expect(outcomes).toEqual(["cached plan must not change result type", [2, 2]]);
  } finally {
    await poolerConsole("reload");
  }
});

describe("psql", () => {
  const path = "set search_path = sale;\nshow search_path;";

  test("loses SET between statements in transaction mode, keeps it in session mode and inside a transaction", async () => {
    expect(await pooled(path)).toBe('"$user", public');
    expect(await pooled(path, { database: sessionDatabase })).toBe("sale");
    expect(await pooled("begin;\nset local search_path = sale;\nshow search_path;\ncommit;")).toBe("sale");
  });

  test("is told that PGOPTIONS are refused; a role's own settings are the way", async () => {
    const { host, user, password } = operator;
    const login = [`PGHOST=${host}`, `PGUSER=${user}`, `PGPASSWORD=${password}`, "PGDATABASE=nx_seller_core"];
    const psql = ["env", ...login, "PGOPTIONS=-c statement_timeout=5s", "psql", "-XAtc", "show statement_timeout"];
    expect(await tryExec(client, psql)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("unsupported startup parameter in options: statement_timeout") as unknown,
    });
    try {
      await pooled("alter role nx_seller_operator set statement_timeout = '50s'");
      await poolerConsole("reconnect");
      await eventually(async () => expect(await pooled("show statement_timeout")).toBe("50s"));
    } finally {
      await pooled("alter role nx_seller_operator reset statement_timeout");
      await poolerConsole("reconnect");
    }
  });
});

test("a database that the application creates exists through the pooler; one that does not is named", async () => {
  await pooled("create database pooler_other");
  try {
    expect(await pooled("select current_database()", { database: "pooler_other" })).toBe("pooler_other");
  } finally {
    await pooled("drop database pooler_other with (force)");
  }
  const missing = await tryQuery(client, { ...operator, database: "pooler_missing" }, "select 1");
  expect(missing.stderr).toContain('database "pooler_missing" does not exist');
});

describe("when all connections of a pool are taken", () => {
  afterEach(() => exec(client, ["rm", "-f", "/tmp/release"]));

  test("a session waits for another one's end, and clients in transaction mode do not", async () => {
    const sessions = held(10, "select 1;", sessionDatabase);
    await eventually(async () => expect((await pool(sessionDatabase)).slice(2, 4)).toEqual(["10", "0"]));
    const eleventh = pooled("select 'served'", { database: sessionDatabase });
    await eventually(async () => expect((await pool(sessionDatabase)).slice(2, 4)).toEqual(["10", "1"]));
    expect(await pooled("select 'served'")).toBe("served");
    await release();
    expect(await eleventh).toBe("served");
    await sessions;
  });

  test("by idle transactions, these are disconnected and others are served", async () => {
    try {
      await poolerConsole("set idle_transaction_timeout = 3");
      const idle = held(25, "begin;");
      // most are idle before the first one is disconnected
      await eventually(async () => expect(Number((await pool("nx_seller_core"))[2])).toBeGreaterThan(5));
      expect(await pooled("select 'served'")).toBe("served");
      await eventually(async () => expect((await pool("nx_seller_core"))[2]).toBe("0"));
      await release();
      expect((await idle).stderr.match(/idle transaction timeout/g)).toHaveLength(25);
    } finally {
      await poolerConsole("reload");
    }
  });
});

describe("npm run connect -- pgbouncer", () => {
  test("RECONNECT replaces the server connections, PAUSE holds queries until RESUME", async () => {
    const connections = "select pg_backend_pid()";
    const before = await pooled(connections);
    expect(await admin("reconnect")).toMatchObject({ code: 0 });
    expect(await pooled(connections)).not.toBe(before);
    expect(await admin("pause")).toMatchObject({ code: 0 });
    try {
      let isServed = false;
      const served = pooled("select 'served'").then((text) => {
        isServed = true;
        return text;
      });
      expect(await poolerCheck()).toMatchObject({
        code: 1,
        stdout: "the pooler is paused. Resume it: npm run connect -- pgbouncer -- -c resume\n",
      });
      expect(isServed).toBe(false);
      await admin("resume");
      expect(await served).toBe("served");
    } finally {
      await admin("resume");
    }
    expect(await poolerCheck()).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("reaches every pod, and says which one answered", async () => {
    const scale = (replicas: number): Promise<string> =>
      kubectl(["scale", "deployment/nx-pgbouncer", `--replicas=${String(replicas)}`, "--namespace", primary.namespace]);
    expect((await admin("show version")).stdout).toMatch(/^PgBouncer [\d.]+\n$/);
    try {
      await scale(2);
      await eventually(async () => expect((await poolers()).filter(isReady)).toHaveLength(2), { timeout: 120 });
      const names = (await poolers()).map(({ metadata }) => metadata.name).sort();
      expect((await admin("show version")).stdout).toMatch(
        new RegExp(`^${names.map((name) => `${name}:\nPgBouncer [\\d.]+\n`).join("")}$`),
      );
    } finally {
      await scale(1);
      await eventually(async () => expect(await poolers()).toHaveLength(1), { timeout: 180 });
    }
  });
});

describe("a password that somebody changed by hand", () => {
  const replicaCheck = (): Promise<Result> =>
    tryExec(replica, ["sh", "/scripts/check.sh"], { container: "postgresql" });

  test.each<{ role: Role; check: () => Promise<Result>; message: RegExp }>([
    { role: "nx_seller_operator", check: poolerCheck, message: /^PostgreSQL refuses the login of nx_seller_operator / },
    { role: "postgres", check: poolerCheck, message: /^PostgreSQL refuses the login of postgres / },
    { role: "repl_user", check: replicaCheck, message: /^the primary refuses the login of repl_user / },
  ])("of $role is told by the check, with the command that sets it", async ({ role, check, message }) => {
    expect(await check()).toEqual({ code: 0, stdout: "", stderr: "" });
    try {
      await sql(primary, `alter role ${role} password 'by hand'`);
      const { code, stdout } = await check();
      expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringMatching(message) as unknown });
      expect(stdout).toContain("npm run kubectl -- delete pod");
    } finally {
      await sql(
        primary,
        `set password_encryption = 'scram-sha-256'; alter role ${role} password '${await passwordOf(role)}'`,
      );
    }
    expect(await check()).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});
