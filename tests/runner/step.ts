import { spawn } from "node:child_process";
import { createWriteStream, readFileSync } from "node:fs";
import { finished } from "node:stream/promises";

/** What a step found: how many checks passed, failed and were left out, and what the reader must see of them. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Lines shown under the step's own line: failures, and names of what was left out. */
  readonly shown: readonly string[];
}

/** One line of `npm test`'s report. */
export interface Step {
  readonly name: string;
  /** Does the work; whatever it has to say at length goes into the file `log`. */
  run(log: string): Promise<Outcome>;
}

/** How a command is run by {@link run}. */
export interface RunOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** File that takes standard output and standard error; it is begun anew. */
  readonly log: string;
  /** Also shows the output on the screen while the command runs. @default false */
  readonly echo?: boolean;
}

/** Aborted when the user wants the tests to end: running commands are killed, and no further step begins. */
export const interruption = new AbortController();

/** Runs a command to its end and returns its exit code, which is 1 for one that a signal ended. */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<number> {
  const log = createWriteStream(options.log);
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ["ignore", "pipe", "pipe"],
    signal: interruption.signal,
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.pipe(log, { end: false });
    if (options.echo === true) stream.pipe(process.stdout, { end: false });
  }
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => {
      resolve(status ?? 1);
    });
  });
  log.end();
  await finished(log);
  return code;
}

/** A step that is one check: it passes when the command ends with 0, else it shows the end of the command's output. */
export function commandStep(name: string, command: string, args: readonly string[], cwd: string): Step {
  return {
    name,
    run: async (log) => verdict((await run(command, args, { cwd, log })) === 0, log),
  };
}

/** The outcome of a single check whose output lies in `log`. */
export function verdict(passed: boolean, log: string): Outcome {
  return passed
    ? { passed: 1, failed: 0, skipped: 0, shown: [] }
    : { passed: 0, failed: 1, skipped: 0, shown: tail(log) };
}

/** The last lines of a log. */
export function tail(log: string, lines = 60): string[] {
  return readFileSync(log, "utf8").trimEnd().split("\n").slice(-lines);
}
