import { spawn } from "node:child_process";
import { createWriteStream, readFileSync } from "node:fs";
import { setPriority } from "node:os";
import { finished } from "node:stream/promises";

/** Result of a step: numbers of passed, failed and skipped checks, and lines to show. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Lines shown below the step: failures and names of skipped tests. */
  readonly shown: readonly string[];
}

/** A step of `npm test`, shown as one line of its report. */
export interface Step {
  readonly name: string;
  /** Runs the step and writes its detailed output to the file `log`. */
  run(log: string): Promise<Outcome>;
}

/** Options of {@link run}. */
export interface RunOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** File for standard output and standard error; overwritten. */
  readonly log: string;
  /** Also prints the output while the command runs. @default false */
  readonly echo?: boolean;
  /** Lets programs beside it have the processor first. @default false */
  readonly givesWay?: boolean;
}

/** Priority of a program that gives way, as `nice` counts. */
const LOW_PRIORITY = 10;

/** Aborted when the user interrupts the tests: kills running commands and prevents further steps. */
export const interruption = new AbortController();

/** Runs a command and returns its exit code, or 1 if a signal killed it. */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<number> {
  const log = createWriteStream(options.log);
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ["ignore", "pipe", "pipe"],
    signal: interruption.signal,
  });
  if (options.givesWay === true && child.pid !== undefined) setPriority(child.pid, LOW_PRIORITY);
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

/**
 * A step with one check, which passes if the command exits with 0. Otherwise shows the last lines of output. Gives way to
 * other programs.
 */
export function commandStep(name: string, command: string, args: readonly string[], cwd: string): Step {
  return {
    name,
    run: async (log) => verdict((await run(command, args, { cwd, log, givesWay: true })) === 0, log),
  };
}

/** Outcome of a single check with its output in `log`. */
export function verdict(passed: boolean, log: string): Outcome {
  return passed
    ? { passed: 1, failed: 0, skipped: 0, shown: [] }
    : { passed: 0, failed: 1, skipped: 0, shown: tail(log) };
}

/** The last lines of a log. */
export function tail(log: string, lines = 60): string[] {
  return readFileSync(log, "utf8").trimEnd().split("\n").slice(-lines);
}
