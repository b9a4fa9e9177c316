import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { succeed } from "./command.ts";
import { parseVerdicts, type Verdict } from "./probe.ts";

/** Command and arguments that run Node in the network namespace of a process, and in nothing else of it. */
function within(pid: number, script: string, args: readonly (string | number)[]): [string, string[]] {
  const node = [process.execPath, join(__dirname, script), ...args.map(String)];
  return ["nsenter", [`--net=/proc/${pid}/ns/net`, "--", ...node]];
}

/** Tries to open TCP connections to `HOST:PORT`s from where a process is: what a pod would be answered that has this process. */
export async function connectsFrom(pid: number, targets: readonly string[]): Promise<Map<string, Verdict>> {
  return parseVerdicts(await succeed(...within(pid, "connect.mjs", targets), { timeout: 60 }));
}

/** Listens on ports where a process is. It ends with {@link end}. */
export async function serveAt(pid: number, ports: readonly number[]): Promise<ChildProcess> {
  const server = spawn(...within(pid, "serve.mjs", ports), { stdio: ["ignore", "pipe", "inherit"] });
  await once(server.stdout, "data");
  return server;
}

/** Kills a process and waits for its end. */
export async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, "close");
  child.kill("SIGKILL");
  await ended;
}
