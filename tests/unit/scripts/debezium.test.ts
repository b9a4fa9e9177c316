import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { address, ConnectWorker, statusOf } from "./connect-worker.ts";

const scripts = path.resolve(import.meta.dirname, "../../../components/debezium");
const connector = "/connectors/nx-debezium";
const status = `GET ${connector}/status`;
const offsets = `GET ${connector}/offsets`;
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

/**
 * @param at address of the pod in which it runs
 * @param first ID of the container's first process
 */
async function run(script: string, at = address, first?: number): Promise<{ code: unknown; output: string }> {
  const child = spawn("sh", [path.join(scripts, script)], {
    timeout: 40_000,
    env: {
      PATH: `${path.join(folder, "bin")}:${process.env["PATH"] ?? ""}`,
      WORKER: url,
      POD_IP: at,
      CONNECTOR: "nx-debezium",
      CONFIGURATION: path.join(folder, "connector.json"),
      STATE: folder,
      LOGS: folder,
      CONTAINER_LOG: path.join(folder, "container.log"),
      ...(first !== undefined && { PROCESS: String(first) }),
    },
  });
  const [ended, ...streams] = await Promise.all([once(child, "close"), text(child.stdout), text(child.stderr)]);
  return { code: ended[0], output: streams.join("") };
}

describe("the worker", () => {
  const offset = (lsn: number, ...others: readonly string[]) =>
    [200, `{"offsets":[{"partition":{"server":"nx"},"offset":{"lsn":${String(lsn)}${others.join("")}}}]}`] as const;
  const running = [200, statusOf("RUNNING", "RUNNING")] as const;
  const trace =
    "org.apache.kafka.connect.errors.ConnectException: Unrecoverable exception from producer send callback\n\tat A.b(A.java:1)\n" +
    "Caused by: java.lang.RuntimeException: not this one\n\tat A.b(A.java:2)\n" +
    'Caused by: org.apache.kafka.common.errors.RecordTooLargeException: The message is 2097252 bytes, "max.request.size"\n';
  const failed = [200, statusOf("RUNNING", { state: "FAILED", trace })] as const;
  const tooLarge =
    "the connector failed: org.apache.kafka.connect.errors.ConnectException: Unrecoverable exception from producer send " +
    'callback: org.apache.kafka.common.errors.RecordTooLargeException: The message is 2097252 bytes, "max.request.size"';
  const silence = (seconds: number) =>
    new RegExp(`; no change got through for ${String(seconds).slice(0, -1)}\\d s\n$`);

  /** Lets the last progress be that many seconds older. */
  function elapse(seconds: number): void {
    const file = path.join(folder, "progress");
    const [time = "", ...mark] = readFileSync(file, "utf8").split("\n");
    writeFileSync(file, [String(Number(time) - seconds), ...mark].join("\n"));
  }

  /** What the container's log has. */
  const logged = () => (existsSync(path.join(folder, "container.log")) ? read("container.log") : "");
  const read = (file: string) => readFileSync(path.join(folder, file), "utf8");

  beforeEach(() => {
    worker.answer(status, running);
    worker.answer(offsets, offset(1));
    worker.answer(restart, [202]);
  });

  test("is ready while the committed offset moves, however long that lasts", async () => {
    for (const lsn of [1, 2, 3]) {
      worker.answer(offsets, offset(lsn));
      expect(await run("ready.sh")).toEqual({ code: 0, output: "" });
      expect(await run("check.sh")).toEqual({ code: 0, output: "" });
      elapse(50);
      expect(await run("ready.sh")).toEqual({ code: 0, output: "" });
      elapse(40);
    }
    expect(worker.times(restart)).toBe(0);
  });

  test("is not ready a minute after the offset stopped, and again when it moves", async () => {
    await run("ready.sh");
    elapse(60);
    const { code, output } = await run("ready.sh");
    expect(code).toBe(1);
    expect(output).toMatch(/^the connector runs, and its log has no error; no change got through for 6\d s\n$/);
    expect(await run("check.sh")).toEqual({ code, output: expect.stringMatching(/^the connector runs/) as unknown });
    worker.answer(offsets, offset(2));
    expect(await run("ready.sh")).toEqual({ code: 0, output: "" });
    expect(await run("check.sh")).toEqual({ code: 0, output: "" });
  });

  test("is ready during a snapshot: the number of rows moves while the offset stays", async () => {
    const log = path.join(folder, "snapshot.log");
    writeFileSync(log, "Exported 1000 records for table 'sale.orders'\n");
    await run("ready.sh");
    elapse(90);
    appendFileSync(log, "Exported 2000 records for table 'sale.orders'\n");
    expect(await run("ready.sh")).toEqual({ code: 0, output: "" });
    elapse(90);
    expect((await run("ready.sh")).code).toBe(1);
  });

  describe("beside another one, which runs the task,", () => {
    const other = "10.0.0.2";
    const inSnapshot = offset(1, ',"snapshot":"INITIAL","snapshot_completed":false');

    test("is ready during a snapshot, whose log it does not have", async () => {
      worker.answer(offsets, inSnapshot);
      await run("ready.sh", other);
      const date = path.join(folder, "bin", "date");
      writeFileSync(date, '#!/bin/sh\necho "$(($(command -p date +%s) + 90))"\n', { mode: 0o755 });
      expect(await run("ready.sh", other)).toEqual({ code: 0, output: "" });
    });

    test("is not ready a minute after the offset stopped", async () => {
      await run("ready.sh", other);
      elapse(60);
      expect((await run("ready.sh", other)).code).toBe(1);
    });

    test("does not restart the failed task", async () => {
      worker.answer(status, failed);
      expect(await run("alive.sh", other)).toEqual({ code: 0, output: "" });
      expect(worker.times(restart)).toBe(0);
    });
  });

  test("reports the last error in its log since the last progress, if the connector restarts by itself", async () => {
    const log = path.join(folder, "problems.log");
    writeFileSync(log, "2026-01-01 00:00:00,000 ERROR Old failure\nCaused by: old\n");
    await run("ready.sh");
    expect(read("problems.log")).toBe("");
    writeFileSync(
      log,
      "2026-01-01 00:00:01,000 ERROR Producer failure\nX: x\n\tat A.b\nCaused by: ERROR: publication gone\n",
    );
    elapse(70);
    expect((await run("ready.sh")).output).toMatch(silence(70));
    expect((await run("ready.sh")).output).toMatch(/^ERROR: publication gone; no change/);
  });

  test.each<[string, readonly [number, string], string]>([
    ["failed", failed, tooLarge],
    [
      "has failed without a task",
      [200, statusOf({ state: "FAILED", trace: "A: a\n\tat A.b\n" })],
      "the connector failed: A: a",
    ],
    [
      "is paused",
      [200, statusOf("PAUSED", "PAUSED")],
      "the connector was paused or stopped. Resume it: npm run connect",
    ],
    ["is stopped", [200, statusOf("STOPPED")], "the connector was paused or stopped. Resume it: npm run connect"],
    ["does not exist", [404, unknown], "the connector is not registered. Register it: npm run kubectl -- delete job"],
  ])("reports that its connector %s: at once for status, after a minute for readiness", async (_, answer, reason) => {
    worker.answer(status, answer);
    expect(await run("ready.sh")).toEqual({ code: 0, output: "" });
    expect(await run("check.sh")).toEqual({ code: 1, output: expect.stringContaining(reason) as unknown });
    elapse(60);
    const { code, output } = await run("ready.sh");
    expect({ code, lines: output.match(/\n/g)?.length }).toEqual({ code: 1, lines: 1 });
    expect(output.startsWith(reason)).toBe(true);
    expect(output).toMatch(silence(60));
  });

  test("shortens a message that contains a whole row", async () => {
    worker.answer(status, [200, statusOf("RUNNING", { state: "FAILED", trace: `A: ${"x".repeat(5000)}\n` })]);
    const { output } = await run("check.sh");
    expect(output.length).toBeLessThan(900);
  });

  test("keeps what it knows while it rebalances, and a new pod has a minute to begin", async () => {
    worker.answer(offsets, [409, '{"error_code":409,"message":"rebalance"}']);
    worker.answer(status, [409, '{"error_code":409,"message":"rebalance"}']);
    expect(await run("ready.sh")).toEqual({ code: 0, output: "" });
    expect(await run("alive.sh")).toEqual({ code: 0, output: "" });
    elapse(60);
    expect((await run("ready.sh")).code).toBe(1);
    expect(worker.times(restart)).toBe(0);
  });

  test("restarts what failed at once, then after 10, 20, 40 s and then every minute, and logs why", async () => {
    worker.answer(status, failed);
    await run("ready.sh");
    for (const [index, pause] of [10, 20, 40, 60, 60].entries()) {
      expect(await run("alive.sh")).toEqual({ code: 0, output: "" });
      expect(worker.times(restart)).toBe(index + 1);
      const [, next] = read("restarts").split(" ").map(Number);
      expect(Math.abs((next ?? 0) - Date.now() / 1000 - pause)).toBeLessThan(5);
      // too early for the next one
      await run("alive.sh");
      expect(worker.times(restart)).toBe(index + 1);
      writeFileSync(path.join(folder, "restarts"), `${String(index + 1)} 1\n`);
    }
    expect(logged().split("\n")).toHaveLength(6);
    expect(logged()).toContain(`${tooLarge}; restarted 1 times, again in`);
  });

  test("restarts at once again after progress", async () => {
    worker.answer(status, failed);
    await run("ready.sh");
    await run("alive.sh");
    worker.answer(status, running);
    worker.answer(offsets, offset(2));
    await run("ready.sh");
    worker.answer(status, failed);
    await run("alive.sh");
    expect(worker.times(restart)).toBe(2);
    expect(read("restarts")).toMatch(/^1 /);
  });

  test("does not count what a failing task sends again before it fails", async () => {
    await run("ready.sh");
    elapse(50);
    worker.answer(status, failed);
    await run("alive.sh");
    worker.answer(offsets, offset(2));
    expect(await run("ready.sh")).toEqual({ code: 0, output: "" });
    elapse(10);
    worker.answer(status, running);
    expect((await run("ready.sh")).code).toBe(1);
    expect(read("restarts")).toMatch(/^1 /);
  });

  test("stays alive when it cannot restart the connector immediately", async () => {
    worker.answer(status, failed);
    worker.answer(restart, [409]);
    expect(await run("alive.sh")).toEqual({ code: 0, output: "" });
  });

  test("ends with a task that did not stop in time, and only then", async () => {
    const process = spawn("sleep", ["60"]);
    const ended = once(process, "close");
    const error = (text: string) => {
      appendFileSync(path.join(folder, "problems.log"), `2026-01-01 00:00:00,000 ERROR ${text}\n`);
    };
    error("Graceful shutdown of something else");
    expect(await run("alive.sh", address, process.pid)).toEqual({ code: 0, output: "" });
    expect(process.exitCode).toBeNull();
    error("Graceful stop of task nx-debezium-0 failed.");
    expect(await run("alive.sh", address, process.pid)).toEqual({ code: 0, output: "" });
    expect(await ended).toEqual([null, "SIGTERM"]);
    expect(logged()).toBe("a task did not stop in time: the worker restarts\n");
    expect(read("problems.log")).toBe("");
  });

  test("is neither ready nor alive when it answers with an error", async () => {
    worker.answer("GET /", [500]);
    expect(await run("ready.sh")).toEqual({ code: 1, output: "the worker does not answer\n" });
    expect((await run("alive.sh")).code).not.toBe(0);
  });

  test("is neither ready nor alive when it does not answer", async () => {
    await worker.stop();
    expect(await run("ready.sh")).toEqual({ code: 1, output: "the worker does not answer\n" });
    expect((await run("alive.sh")).code).not.toBe(0);
    expect((await run("check.sh")).output).toContain("the worker does not answer");
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

  describe("after a move of the database to other servers", () => {
    const [stop, reset, resume] = [`PUT ${connector}/stop`, `DELETE ${connector}/offsets`, `PUT ${connector}/resume`];
    const moved = { ...configuration, "bana.log": "nx-postgresql-b" };

    beforeEach(() => {
      writeFileSync(path.join(folder, "connector.json"), `${JSON.stringify(moved, undefined, 2)}\n`);
      worker.answer(config, [200]);
      worker.answer(stop, [202]);
      worker.answer(reset, [400], [400], [200]);
      worker.answer(resume, [202]);
    });

    test("deletes the offset while the connector is stopped, then resumes it with the new configuration", async () => {
      worker.answer(`GET ${connector}/config`, [409], [200, JSON.stringify({ ...moved, "bana.log": "nx-postgresql" })]);
      worker.answer(status, [200, statusOf("STOPPED")], running);
      const { code, output } = await run("register.sh");
      expect(output).toBe(
        `the database moved from nx-postgresql to nx-postgresql-b: the connector starts over\n${done.output}`,
      );
      expect(code).toBe(0);
      const changes = worker.requests.map(({ request }) => request).filter((request) => !request.startsWith("GET"));
      expect(changes).toEqual([reset, stop, reset, stop, reset, config, resume]);
    });

    test.each([
      ["that it knows already", moved],
      ["if the connector was registered without the name of its log", configuration],
    ])("keeps the offset of a connector %s", async (_, registered) => {
      worker.answer(`GET ${connector}/config`, [200, JSON.stringify(registered)]);
      worker.answer(status, running);
      expect(await run("register.sh")).toEqual(done);
      expect(worker.times(reset) + worker.times(stop)).toBe(0);
    });
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
