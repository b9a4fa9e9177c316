import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { attempt, type Result } from "./command.ts";
import { secrets, secretData } from "./postgresql.ts";
import { session } from "./session.ts";

const launcher = ["launcher/bootstrap.mjs", "connect", "--state", "e2e"];

/** Runs `npm run connect` with standard input. */
async function connect(args: readonly string[], input = ""): Promise<Result> {
  return attempt(process.execPath, [...launcher, ...args], { cwd: session().checkout, input, timeout: 120 });
}

describe("npm run connect", () => {
  test("postgres: runs psql on the primary with the given arguments and input", async () => {
    const { code, stdout } = await connect(["postgres", "--", "-At", "-c", "select pg_is_in_recovery()"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "f\n" });
    expect((await connect(["postgres", "--", "-At"], "select 6 * 7;\n")).stdout).toBe("42\n");
  });

  test("postgres: ends with psql's exit code", async () => {
    expect((await connect(["postgres", "--", "-v", "ON_ERROR_STOP=1", "-c", "select nothing"])).code).not.toBe(0);
  });

  test("redis: runs redis-cli, logged in and with cluster redirects", async () => {
    expect((await connect(["redis", "--", "set", "connected", "yes"])).stdout.trim()).toBe("OK");
    expect((await connect(["redis", "--", "get", "connected"])).stdout.trim()).toBe("yes");
  });

  test("kafka: runs a Kafka tool against the cluster", async () => {
    const list = ["--list", "--topic", "nx-debezium-(configs|offsets|status)"];
    expect(await connect(["kafka", "--", "kafka-topics.sh", ...list])).toEqual({
      code: 0,
      stdout: "nx-debezium-configs\nnx-debezium-offsets\nnx-debezium-status\n",
      stderr: "",
    });
  });

  test("typesense: sends requests given as arguments or as lines of input", async () => {
    expect(await connect(["typesense", "--", "GET", "/health"])).toMatchObject({
      code: 0,
      stdout: '{\n  "ok": true\n}\n',
    });
    expect((await connect(["typesense"], "GET /collections\n")).code).toBe(0);
    expect((await connect(["typesense", "--", "GET", "/collections/none"])).code).toBe(1);
  });

  test("postgres-replica: psql on the standby", async () => {
    const { stdout } = await connect(["postgres-replica", "--", "-At", "-c", "select pg_is_in_recovery()"]);
    expect(stdout).toBe("t\n");
  });

  test("debezium: requests to Kafka Connect", async () => {
    expect(await connect(["debezium", "--", "GET", "/connectors"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("nx-debezium") as unknown,
    });
  });

  test("pgbouncer: runs psql on the admin console with the given arguments or input", async () => {
    const { code, stdout } = await connect(["pgbouncer", "--", "-Atc", "show version"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^PgBouncer 1\./) as unknown });
    expect((await connect(["pgbouncer", "--", "-At"], "show version;\n")).stdout).toBe(stdout);
    expect((await connect(["pgbouncer", "--", "-c", "show nothing"])).code).not.toBe(0);
  });

  test("--port-forward: prints address, user and the password's Secret, and runs until interrupted", async () => {
    const child = spawn(process.execPath, [...launcher, "postgres", "--port-forward"], {
      cwd: session().checkout,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      if (line.startsWith("password")) child.kill("SIGINT");
    }
    expect(await ended).toBe(0);
    const output = lines.join("\n");
    expect(output).toMatch(/^address {3}127\.0\.0\.1:\d+, /m);
    expect(output).toMatch(/^user {6}nx_seller_operator$/m);
    expect(output).toMatch(/^password {2}key password of Secret nx-persistent\/nx-postgresql-app-secret$/m);
    const { password } = await secretData(secrets.nx_seller_operator);
    expect(output).not.toContain(password);
  });

  test("explains an unknown store and misplaced arguments", async () => {
    const unknown = await connect(["postgre"]);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain("pgbouncer, postgres, postgres-replica, redis, kafka, typesense, debezium");
    const misplaced = await connect(["redis", "get", "key"]);
    expect(misplaced.code).toBe(2);
    expect(misplaced.stderr).toContain("npm run connect -- redis -- get key");
  });
});
