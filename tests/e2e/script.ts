import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { exec, type Named } from "./kubernetes.ts";
import { type Login, loginEnvironment } from "./postgresql.ts";
import { startIn } from "./running.ts";

/** A script of this folder that runs in a client pod until it is stopped. */
export interface RunningScript {
  /** Lines printed so far. */
  readonly lines: readonly string[];
  /** Stops it, waits until it has ended and returns all lines. */
  stop(): Promise<readonly string[]>;
}

/**
 * Starts a script of this folder in a client pod, with a login in its environment. The script must end when the file
 * named by its first argument exists.
 */
export function startScript(client: Named, login: Login, script: string, ...args: readonly string[]): RunningScript {
  const stopFile = `/tmp/stop-${randomUUID()}`;
  const lines: string[] = [];
  const { ended } = startIn(client, ["env", ...loginEnvironment(login), "sh", "-s", stopFile, ...args], {
    input: readFileSync(join(import.meta.dirname, script), "utf8"),
    onLine: (text) => void lines.push(text),
    // the tests expect errors
    onErrorLine: () => undefined,
  });
  return {
    lines,
    stop: async () => {
      await exec(client, ["touch", stopFile]);
      await ended;
      return lines;
    },
  };
}
