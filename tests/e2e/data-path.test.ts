import { removeClients, startClients } from "./clients.ts";
import { eventually } from "./eventually.ts";
import { exec, get, type KubernetesObject } from "./kubernetes.ts";
import {
  hosts,
  type Login,
  loginEnvironment,
  passwordOf,
  primary,
  query,
  type Role,
  secretData,
  sql,
  tryQuery,
} from "./postgresql.ts";

const client = { namespace: "nx-backend", name: "data-path-client" };
let operator: Login;

beforeAll(async () => {
  await startClients(client);
  operator = { host: hosts.pgbouncer, user: "nx_seller_operator", password: await passwordOf("nx_seller_operator") };
});
afterAll(removeClients);

describe("a client in nx-backend", () => {
  test("writes through the pooler and reads the row from the replica", async () => {
    await query(
      client,
      operator,
      "create table orders (id int primary key, note text); insert into orders values (1, 'first')",
    );
    await eventually(async () => {
      expect(await query(client, { ...operator, host: hosts.replica }, "select note from orders where id = 1")).toBe(
        "first",
      );
    });
  });

  test("cannot write to the replica", async () => {
    const { code, stderr } = await tryQuery(
      client,
      { ...operator, host: hosts.replica },
      "insert into orders values (2, 'no')",
    );
    expect(code).not.toBe(0);
    expect(stderr).toContain("read-only");
  });

  test("uses protocol-level prepared statements through the pooler", async () => {
    // more clients than server connections at first, so that a client's transactions run on different connections
    const pgbench = ["pgbench", "--protocol=prepared", "--no-vacuum", "--client=10", "--transactions=50", "--file=-"];
    const script = "\\set id random(1, 1000)\nselect :id + 1 from orders where id < :id;\n";
    const output = await exec(client, ["env", ...loginEnvironment(operator), ...pgbench], { input: script });
    expect(output).toContain("query mode: prepared");
    expect(output).toContain("number of transactions actually processed: 500/500");
  });

  test("can use the extensions pgcrypto and pg_stat_statements", async () => {
    expect(await query(client, operator, "select encode(digest('bana', 'sha256'), 'hex')")).toMatch(/^[0-9a-f]{64}$/);
    await query(client, operator, "select count(*) from orders");
    expect(
      Number(await sql(primary, "select count(*) from pg_stat_statements where query ilike '%from orders%'")),
    ).toBeGreaterThan(0);
  });

  test("can create tables in each of the seven schemas", async () => {
    const schemas = ["public", "pricing", "allocation", "inventory", "finance", "payment", "sale"];
    const statements = schemas.map((schema) => `create table ${schema}.probe (id int); drop table ${schema}.probe;`);
    await query(client, operator, statements.join("\n"));
  });

  test("can create databases as the application's user, which is not a superuser", async () => {
    const direct = { ...operator, host: hosts.primary };
    await query(client, direct, "create database probe");
    await query(client, direct, "drop database probe");
    expect(await query(client, direct, "select rolsuper from pg_roles where rolname = current_user")).toBe("f");
  });

  const endpoints = Object.entries(hosts);
  const roles: readonly Role[] = ["nx_seller_operator", "postgres", "repl_user"];
  test.each(endpoints.flatMap(([endpoint, host]) => roles.map((user) => ({ endpoint, host, user }))))(
    "is refused at $endpoint with a wrong password for $user",
    async ({ host, user }) => {
      for (const password of ["wrong", ""]) {
        const { code, stderr } = await tryQuery(client, { host, user, password }, "select 1");
        expect(code).not.toBe(0);
        expect(stderr).toMatch(/authentication failed|no password supplied|no pg_hba.conf entry|no such user/);
      }
    },
  );

  test("logs in with the shared configuration and the shared Secret", async () => {
    const named = { namespace: "nx-backend", name: "shared-config" };
    const { data } = await get<KubernetesObject & { data: Record<string, string> }>("configmap", named);
    const { APP_ENV_POSTGRES_HOST: host, APP_ENV_POSTGRES_PORT: port, APP_ENV_POSTGRES_USERNAME: user } = data;
    const { APP_ENV_POSTGRES_PASSWORD: password } = await secretData({
      namespace: "nx-backend",
      name: "nx-shared-secret",
    });
    expect({ host, port, user }).toEqual({ host: hosts.pgbouncer, port: "5432", user: "nx_seller_operator" });
    const login = { host: host ?? "", user: user ?? "", password: password ?? "" };
    expect(await query(client, login, "select current_user")).toBe("nx_seller_operator");
  });
});
