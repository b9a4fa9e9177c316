import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const POLL_MS = 200;

/** Sends every pod container its stop signal and waits until all have exited, at most `timeoutMs`. */
export async function stopPods(timeoutMs: number): Promise<void> {
  const { stdout } = await ctr("containers", "list", "--quiet", 'labels."io.cri-containerd.kind"==container');
  const containers = new Set(stdout.split("\n").filter((id) => id !== ""));
  const running = async () => (await runningTasks()).filter((id) => containers.has(id));
  await Promise.allSettled((await running()).map((id) => ctr("tasks", "kill", id)));
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline && (await running()).length > 0) await sleep(POLL_MS);
}

async function runningTasks(): Promise<string[]> {
  const { stdout } = await ctr("tasks", "list");
  return stdout
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([id, , state]) => (id !== undefined && state === "RUNNING" ? [id] : []));
}

function ctr(...args: string[]) {
  return run("ctr", ["--namespace", "k8s.io", ...args], { timeout: 10_000 });
}
