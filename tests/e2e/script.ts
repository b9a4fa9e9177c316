import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { exec, kubectlCommand, type Named } from "./kubernetes.ts";
import { type Login, loginEnvironment } from "./postgresql.ts";

/** A script of this folder that runs in a client pod until it is told to stop. */
export interface RunningScript {
  /** What it has printed so far. */
  readonly lines: readonly string[];
  /** Lets it end, and returns all that it has printed. */
  stop(): Promise<readonly string[]>;
}

/** Starts a script of this folder in a client pod, with a login in its environment. It has to end when its first argument, a file, exists. */
export function startScript(client: Named, login: Login, script: string, ...args: readonly string[]): RunningScript {
  const stopFile = `/tmp/stop-${randomUUID()}`;
  const { command, args: argv } = kubectlCommand([
    ...["exec", "--stdin", "--namespace", client.namespace, client.name, "--"],
    ...["env", ...loginEnvironment(login), "sh", "-s", stopFile, ...args],
  ]);
  const child = spawn(command, argv, { stdio: ["pipe", "pipe", "ignore"] });
  const ended = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => {
      resolve();
    });
  });
  const lines: string[] = [];
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const read = (rest + text).split("\n");
    rest = read.pop() ?? "";
    lines.push(...read);
  });
  child.stdin.end(readFileSync(join(__dirname, script)));
  return {
    lines,
    stop: async () => {
      await exec(client, ["touch", stopFile]);
      await ended;
      return lines;
    },
  };
}
