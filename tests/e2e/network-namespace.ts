import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { succeed } from "./command.ts";
import { parseVerdicts, type Verdict } from "./probe.ts";

/** Command and arguments that run a Node script in the network namespace of a process, sharing no other namespace. */
function within(pid: number, script: string, args: readonly (string | number)[]): [string, string[]] {
  const node = [process.execPath, join(__dirname, script), ...args.map(String)];
  return ["nsenter", [`--net=/proc/${pid}/ns/net`, "--", ...node]];
}

/**
 * Tries to open TCP connections to `HOST:PORT`s from a process's network namespace, with the same results as in its
 * pod.
 */
export async function connectFrom(pid: number, targets: readonly string[]): Promise<Map<string, Verdict>> {
  return parseVerdicts(await succeed(...within(pid, "connect.mjs", targets), { timeout: 60 }));
}

/** Starts a server on these ports in a process's network namespace. Stop it with {@link end}. */
export async function serveAt(pid: number, ports: readonly number[]): Promise<ChildProcess> {
  const server = spawn(...within(pid, "serve.mjs", ports), { stdio: ["ignore", "pipe", "inherit"] });
  await once(server.stdout, "data");
  return server;
}

/** Kills a process and waits until it has ended. */
export async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, "close");
  child.kill("SIGKILL");
  await ended;
}
