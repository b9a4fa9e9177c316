import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { exec, type Named } from "./kubernetes.ts";
import { type Login, loginEnvironment } from "./postgresql.ts";
import { startIn } from "./running.ts";

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
  const lines: string[] = [];
  const { ended } = startIn(client, ["env", ...loginEnvironment(login), "sh", "-s", stopFile, ...args], {
    input: readFileSync(join(__dirname, script), "utf8"),
    line: (text) => void lines.push(text),
    // refusals are part of the trial
    errorLine: () => undefined,
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
