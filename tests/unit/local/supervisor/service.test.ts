import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Service } from "../../../../local/supervisor/service.ts";
import type { ServiceDefinition } from "../../../../local/supervisor/service.ts";

const logs = mkdtempSync(path.join(tmpdir(), "service-test-"));
afterAll(() => rmSync(logs, { recursive: true }));

const definition = (name: string, script: string): ServiceDefinition => ({
  name,
  command: ["sh", "-c", script],
  after: [],
  isReady: () => Promise.resolve(true),
});

async function eventually(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error("condition not met within 5 s");
    await sleep(20);
  }
}

test("a killed service is restarted, and its output is in its log", async () => {
  const service = new Service(definition("killed", "echo started; exec sleep 60"), logs, () => undefined);
  await service.run();
  const first = service.status.pid;
  process.kill(first ?? 0, "SIGKILL");
  await eventually(() => service.status.state === "ready" && service.status.pid !== first);
  expect(service.status).toMatchObject({ restarts: 1, lastExit: "signal SIGKILL" });
  await eventually(() => readFileSync(path.join(logs, "killed.log"), "utf8") === "started\nstarted\n");
  await service.stop();
  expect(service.status.state).toBe("stopped");
});

test("a missing program is retried and its error is reported", async () => {
  const missing = { ...definition("missing", ""), command: ["/nowhere"] as const };
  const service = new Service(missing, logs, () => undefined);
  void service.run();
  await eventually(() => service.status.restarts >= 1);
  expect(service.status.lastExit).toMatch(/ENOENT/);
  await service.stop();
});

test("a service that ignores SIGTERM is killed after its stop timeout", async () => {
  const stubborn = { ...definition("stubborn", "trap '' TERM; while :; do sleep 0.1; done"), stopTimeoutMs: 300 };
  const service = new Service(stubborn, logs, () => undefined);
  await service.run();
  await sleep(100);
  const { pid } = service.status;
  await service.stop();
  expect(() => process.kill(pid ?? 0, 0)).toThrow(/ESRCH/);
});
