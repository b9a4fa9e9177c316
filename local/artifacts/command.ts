import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { PhaseLog } from "../report.ts";

/** A command line with its working directory and environment. */
export interface Command {
  readonly argv: readonly [string, ...string[]];
  /** @default the working directory of this process */
  readonly cwd?: string;
  /** Merged into the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called with each chunk of standard error while the command runs. */
  readonly onProgress?: (text: string) => void;
}

const LINES_IN_ERROR = 12;

/**
 * Runs a command and appends its output to the phase's log.
 * @returns standard output
 * @throws Error with the command, its exit code or signal, its last lines of output and the log's path
 */
export async function run(log: PhaseLog, command: Command): Promise<string> {
  const [program] = command.argv;
  const file = createWriteStream(log.path, { flags: "a" });
  file.write(`+ ${command.argv.join(" ")}\n`);
  // If we die, the command must too: the next run works on the same files.
  const child = spawn("setpriv", ["--pdeathsig", "TERM", ...command.argv], {
    cwd: command.cwd,
    env: { ...process.env, ...command.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk) && file.write(chunk));
  child.stderr.on("data", (chunk: Buffer) => {
    errors.push(chunk);
    file.write(chunk);
    command.onProgress?.(chunk.toString());
  });
  const failure = await failureOf(child);
  await new Promise((written) => file.end(written));
  if (failure === undefined) return Buffer.concat(output).toString();
  const messages = Buffer.concat(errors.length > 0 ? errors : output);
  const lastLines = messages.toString().trimEnd().split("\n").slice(-LINES_IN_ERROR);
  throw new Error([`${program} ${failure}:`, ...lastLines, `(log: ${log.path})`].join("\n"));
}

/**
 * Runs `left | right`.
 * @throws Error if either command fails, with its exit code or signal and the standard error of both
 */
export async function pipe(left: Command["argv"], right: Command["argv"]): Promise<void> {
  const source = spawn(left[0], left.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
  const sink = spawn(right[0], right.slice(1), { stdio: ["pipe", "ignore", "pipe"] });
  const errors: Buffer[] = [];
  for (const child of [source, sink]) child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
  // The copy fails when either process exits; only the exit codes matter.
  const copied = pipeline(source.stdout, sink.stdin).catch(() => undefined);
  const [sourceFailure, sinkFailure] = await Promise.all([failureOf(source), failureOf(sink), copied]);
  const failure = sourceFailure ?? sinkFailure;
  if (failure === undefined) return;
  const failing = sourceFailure === undefined ? right : left;
  throw new Error(`${failing.join(" ")} ${failure}:\n${Buffer.concat(errors).toString().trimEnd()}`);
}

/** Runs `work` up to `attempts` times with exponential backoff, notes each error and throws the last one. */
export async function withRetries<T>(log: PhaseLog, attempts: number, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= attempts) throw error;
      const pauseSeconds = 2 ** attempt;
      log.note(`attempt ${attempt} of ${attempts} failed, retrying in ${pauseSeconds} s: ${String(error)}`);
      await new Promise((resume) => setTimeout(resume, pauseSeconds * 1000));
    }
  }
}

/** How the process failed; undefined if it exited with 0. */
function failureOf(child: ReturnType<typeof spawn>): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(`could not be started: ${error.message}`));
    child.once("close", (code, signal) => {
      if (code === 0) resolve(undefined);
      else resolve(signal ? `was killed by ${signal}` : `exited with code ${code}`);
    });
  });
}
