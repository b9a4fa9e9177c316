/** The programs of a container on this machine itself: its file system and volumes, and nothing else of the pod. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type CommandOptions, succeed } from "../e2e/command.ts";
import type { Named } from "../e2e/kubernetes.ts";
import { containerProcess } from "../e2e/processes.ts";

export interface Bare {
  /** The arguments of the container's server. */
  readonly argv: readonly string[];
  /** Content of one of the container's files. */
  read(path: string): string;
  /** Runs a program to its end, as the user of the container's server; throws when it fails. */
  run(argv: readonly string[], options?: CommandOptions): Promise<string>;
  /** Starts a server; `stop` ends it. */
  start(argv: readonly string[]): Server;
}

/** Where the bare servers listen. */
export const loopback = "127.0.0.1";

export interface Server {
  /** Throws when it has ended by itself before. */
  stop(): Promise<void>;
}

/**
 * This machine with the file system of a container: only its mount namespace is entered. Network, processors, memory and
 * process ids are the machine's own, and no control group limits them.
 * @param variables environment variables beside the container's
 */
export async function bareMachine(
  pod: Named,
  container: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<Bare> {
  const { pid } = await containerProcess(pod, container);
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const id = (name: string): string => new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? "";
  const words = (file: string): string[] => readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0").slice(0, -1);
  const entered = (argv: readonly string[]): string[] => [
    ...[`--target=${pid}`, "--mount", `--setuid=${id("Uid")}`, `--setgid=${id("Gid")}`, "--"],
    ...argv,
  ];
  const own = words("environ").map((variable): [string, string] => {
    const end = variable.indexOf("=");
    return [variable.slice(0, end), variable.slice(end + 1)];
  });
  const env = { ...Object.fromEntries(own), ...variables };
  return {
    argv: words("cmdline"),
    read: (path) => readFileSync(`/proc/${pid}/root${path}`, "utf8"),
    run: (argv, options = {}) => succeed("nsenter", entered(argv), { ...options, env: { ...env, ...options.env } }),
    start: (argv) => serverOf(spawn("nsenter", entered(argv), { env, stdio: ["ignore", "pipe", "pipe"] })),
  };
}

/** Ends servers, all at once: of a cluster, the last one might wait for the others. The words of one that has ended by itself are thrown. */
export async function stopAll(servers: readonly Server[]): Promise<void> {
  const ends = await Promise.allSettled(servers.map((server) => server.stop()));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

function serverOf(child: ChildProcess): Server {
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-4000)));
  }
  const ended = once(child, "exit");
  return {
    stop: async () => {
      if (child.exitCode !== null) throw new Error(`a server on the bare machine has ended by itself:\n${said}`);
      child.kill("SIGINT");
      await ended;
    },
  };
}
