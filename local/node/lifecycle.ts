import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { layout, serviceCidr } from "./spec.ts";
import type { NodeSpec } from "./spec.ts";
import { signal } from "./cleanup.ts";

const POLL_MS = 50;
/** Longer than the supervisor's slowest graceful shutdown. */
const SHUTDOWN_MS = 40_000;
const BOOT_MS = 60_000;

/** Host PID of the node's init process; undefined if no node runs from this state directory. */
export function findNode(stateDir: string): number | undefined {
  const { pid: file } = layout(stateDir);
  if (!existsSync(file)) return undefined;
  const [pid, startTime] = readFileSync(file, "utf8").trim().split(" ");
  // PIDs are reused; PID and start time together identify the process.
  return pid !== undefined && startTime !== undefined && startTimeOf(pid) === startTime ? Number(pid) : undefined;
}

/** Starts the node detached, in its own namespaces. Resolves to its host PID when the supervisor runs. */
export async function bootNode(spec: NodeSpec): Promise<number> {
  const files = layout(spec.stateDir);
  await mkdir(files.logs, { recursive: true, mode: 0o700 });
  await rm(files.pid, { force: true });
  await rm(files.status, { force: true });
  const log = openSync(nodeLog(spec.stateDir), "a", 0o600);
  const hostNetwork = openSync("/proc/self/ns/net", "r");
  const node = spawn(
    "unshare",
    ["--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--", "sh", path.join(import.meta.dirname, "boot.sh")],
    {
      detached: true,
      stdio: ["ignore", log, log, hostNetwork],
      env: { ...bootEnvironment(spec), PATH: process.env["PATH"] },
    },
  );
  closeSync(log);
  closeSync(hostNetwork);
  const failure = new Promise<never>((_resolve, reject) => {
    node.once("error", (error) => reject(new Error(`cannot start the node: ${error.message}`)));
    node.once("exit", (code, signal) => {
      const lines = readFileSync(nodeLog(spec.stateDir), "utf8").trimEnd().split("\n").slice(-5).join("\n");
      reject(
        new Error(
          `the node exited during startup (${signal ?? `code ${code}`}), see ${nodeLog(spec.stateDir)}:\n${lines}`,
        ),
      );
    });
  });
  const pid = await Promise.race([failure, waitForBoot(spec.stateDir)]);
  node.removeAllListeners();
  node.unref();
  failure.catch(() => undefined);
  return pid;
}

/** Log of the node's boot and of its supervisor. */
export const nodeLog = (stateDir: string): string => serviceLog(stateDir, "node");

/** Log of one component. */
export const serviceLog = (stateDir: string, service: string): string =>
  path.join(layout(stateDir).logs, `${service}.log`);

/** Shuts the node down gracefully and kills it after 40 s. No-op if no node runs. */
export async function shutDownNode(stateDir: string): Promise<void> {
  const pid = findNode(stateDir);
  if (pid === undefined) return;
  signal(pid, "SIGTERM");
  const deadline = Date.now() + SHUTDOWN_MS;
  while (findNode(stateDir) !== undefined) {
    if (Date.now() > deadline) signal(pid, "SIGKILL");
    await sleep(POLL_MS);
  }
}

/** Waits for the supervisor's first status file; later problems are reported there. */
async function waitForBoot(stateDir: string): Promise<number> {
  const deadline = Date.now() + BOOT_MS;
  while (Date.now() < deadline) {
    const pid = findNode(stateDir);
    if (pid !== undefined && existsSync(layout(stateDir).status)) return pid;
    await sleep(POLL_MS);
  }
  throw new Error(`the node did not boot within ${BOOT_MS / 1000} s, see ${nodeLog(stateDir)}`);
}

function bootEnvironment(spec: NodeSpec): Record<string, string> {
  return {
    NODE_NAME: spec.nodeName,
    CGROUP: spec.cgroup,
    STATE_DIR: spec.stateDir,
    ROOTFS: spec.artifacts.nodeRootfs,
    CHECKOUT: spec.checkout,
    CACHE_DIR: spec.cacheDir,
    NODE_BINARY: process.execPath,
    LINK: spec.link.name,
    HOST_ADDRESS: spec.link.hostAddress,
    NODE_ADDRESS: spec.link.nodeAddress,
    PREFIX: String(spec.link.prefix),
    SERVICE_CIDR: serviceCidr,
  };
}

/** Start time of a process in clock ticks since boot; undefined if it does not exist or is a zombie. */
function startTimeOf(pid: string): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Field 2 is the command in parentheses and may contain spaces; field 3 is the state, field 22 the start time.
    const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" || state === "X" ? undefined : rest[18];
  } catch {
    return undefined;
  }
}
