import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { ConnectWorker, statusOf } from "./connect-worker.ts";

const scripts = path.resolve(import.meta.dirname, "../../../components/debezium");
const connector = "/connectors/nx-debezium";
const status = `GET ${connector}/status`;
const config = `PUT ${connector}/config`;
const restart = `POST ${connector}/restart?includeTasks=true&onlyFailed=true`;
const configuration = { "topic.prefix": "nx_seller_core" };
const unknown = '{"error_code":404,"message":"No status found for connector nx-debezium"}';

// thirty attempts of a script start about a hundred programs
jest.setTimeout(60_000);

let folder: string;
let worker: ConnectWorker;
let url: string;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "bana-debezium-"));
  writeFileSync(path.join(folder, "connector.json"), `${JSON.stringify(configuration, undefined, 2)}\n`);
  // shortens the scripts' pauses
  mkdirSync(path.join(folder, "bin"));
  writeFileSync(path.join(folder, "bin", "sleep"), "#!/bin/sh\n");
  chmodSync(path.join(folder, "bin", "sleep"), 0o755);
  worker = new ConnectWorker();
  worker.answer("GET /", [200, '{"version":"3.8.0"}']);
  url = await worker.start();
});

afterEach(async () => {
  await worker.stop();
  rmSync(folder, { recursive: true });
});

async function run(script: string): Promise<{ code: unknown; output: string }> {
  const child = spawn("sh", [path.join(scripts, script)], {
    timeout: 40_000,
    env: {
      PATH: `${path.join(folder, "bin")}:${process.env["PATH"] ?? ""}`,
      WORKER: url,
      CONNECTOR: "nx-debezium",
      CONFIGURATION: path.join(folder, "connector.json"),
    },
  });
  const [ended, ...streams] = await Promise.all([once(child, "close"), text(child.stdout), text(child.stderr)]);
  return { code: ended[0], output: streams.join("") };
}

describe("the worker", () => {
  test.each([
    ["its connector runs", [200, statusOf("RUNNING", "RUNNING")]],
    ["there is no connector yet", [404, unknown]],
    ["it is rebalancing", [409, '{"error_code":409,"message":"rebalance"}']],
  ] as const)("is ready and alive while %s", async (_, answer) => {
    worker.answer(status, answer);
    expect(await run("ready.sh")).toEqual({ code: 0, output: "" });
    expect(await run("alive.sh")).toEqual({ code: 0, output: "" });
    expect(worker.times(restart)).toBe(0);
  });

  test.each([
    ["the connector", statusOf("FAILED")],
    ["its task", statusOf("RUNNING", "FAILED")],
  ])("is not ready while %s has failed, reports that, and stays alive to restart it", async (_, failed) => {
    worker.answer(status, [200, failed]);
    worker.answer(restart, [202, failed]);
    expect(await run("ready.sh")).toEqual({ code: 1, output: `${failed}\n` });
    expect(worker.times(restart)).toBe(0);
    expect(await run("alive.sh")).toEqual({ code: 0, output: "" });
    expect(worker.times(restart)).toBe(1);
  });

  test("stays alive when it cannot restart the connector immediately", async () => {
    worker.answer(status, [200, statusOf("RUNNING", "FAILED")]);
    worker.answer(restart, [409]);
    expect(await run("alive.sh")).toEqual({ code: 0, output: "" });
  });

  test("is neither ready nor alive when it answers with an error", async () => {
    worker.answer("GET /", [500]);
    expect((await run("ready.sh")).code).not.toBe(0);
    expect((await run("alive.sh")).code).not.toBe(0);
  });

  test("is neither ready nor alive when it does not answer", async () => {
    await worker.stop();
    expect((await run("ready.sh")).code).not.toBe(0);
    expect((await run("alive.sh")).code).not.toBe(0);
  });
});

describe("the registration", () => {
  const running = [200, statusOf("RUNNING", "RUNNING")] as const;
  const failed = [200, statusOf("RUNNING", "FAILED")] as const;
  const done = { code: 0, output: "the connector nx-debezium runs\n" };

  test.each([
    ["creates the connector", 201],
    ["updates its configuration", 200],
  ])("%s", async (_, answer) => {
    worker.answer(config, [answer]);
    worker.answer(status, running);
    expect(await run("register.sh")).toEqual(done);
    const given = worker.requests
      .filter(({ request }) => request === config)
      .map(({ body }) => JSON.parse(body) as unknown);
    expect(given).toEqual([configuration]);
  });

  test("waits for the worker, then until it accepts the configuration, then until connector and task run", async () => {
    worker.answer("GET /", [503], [503], [200]);
    worker.answer(config, [409], [500], [201]);
    worker.answer(
      status,
      [404, unknown],
      [200, statusOf("RUNNING")],
      [200, statusOf("RUNNING", "UNASSIGNED")],
      running,
    );
    const { code, output } = await run("register.sh");
    expect(output.match(/waiting for the worker/g)).toHaveLength(2);
    expect(output).toContain(done.output);
    expect(code).toBe(0);
    expect([worker.times(config), worker.times(status)]).toEqual([3, 4]);
  });

  test("fails immediately when the worker rejects the configuration, and reports why", async () => {
    worker.answer(config, [400, '{"error_code":400,"message":"invalid: topic.prefix"}']);
    const { code, output } = await run("register.sh");
    expect(code).toBe(1);
    expect(output).toContain("ERROR: the worker refuses the configuration of nx-debezium: ");
    expect(output).toContain("invalid: topic.prefix");
    expect(worker.times(config)).toBe(1);
  });

  test("restarts a connector that failed before", async () => {
    worker.answer(config, [200]);
    worker.answer(status, failed, failed, running);
    worker.answer(restart, [202]);
    expect(await run("register.sh")).toEqual(done);
    expect(worker.times(restart)).toBe(2);
  });

  test("fails when the connector keeps failing, and reports its status", async () => {
    worker.answer(config, [200]);
    worker.answer(status, failed);
    worker.answer(restart, [202]);
    const { code, output } = await run("register.sh");
    expect(code).toBe(1);
    expect(output).toBe(`ERROR: the connector nx-debezium does not run: ${failed[1]}\n200\n`);
  });
});
