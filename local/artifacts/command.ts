import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { PhaseLog } from "../report.ts";

/** A command line and where it runs. */
export interface Command {
  readonly argv: readonly [string, ...string[]];
  /** @default the directory of this process */
  readonly cwd?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called with what the command writes to standard error, while it runs. */
  readonly onProgress?: (text: string) => void;
}

const LINES_IN_ERROR = 12;

/**
 * Runs a command to its end, its output appended to the phase's log.
 * @returns what it wrote to standard output
 * @throws Error with the command, how it ended, its last lines and the log's path
 */
export async function run(log: PhaseLog, command: Command): Promise<string> {
  const [program] = command.argv;
  const file = createWriteStream(log.path, { flags: "a" });
  file.write(`+ ${command.argv.join(" ")}\n`);
  // A command must not outlive us: the next run would find it at work on the same files.
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
  const outcome = await ending(child);
  await new Promise((written) => file.end(written));
  if (outcome === undefined) return Buffer.concat(output).toString();
  const said = Buffer.concat(errors.length > 0 ? errors : output);
  const lastLines = said.toString().trimEnd().split("\n").slice(-LINES_IN_ERROR);
  throw new Error([`${program} ${outcome}:`, ...lastLines, `(log: ${log.path})`].join("\n"));
}

/**
 * Runs `left | right`; either one's failure is an error.
 * @throws Error with how the failing one ended and what it wrote to standard error
 */
export async function pipe(left: Command["argv"], right: Command["argv"]): Promise<void> {
  const source = spawn(left[0], left.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
  const sink = spawn(right[0], right.slice(1), { stdio: ["pipe", "ignore", "pipe"] });
  const errors: Buffer[] = [];
  for (const child of [source, sink]) child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
  // The end of either process breaks the copy off, and how they ended is what counts.
  const copied = pipeline(source.stdout, sink.stdin).catch(() => undefined);
  const [sourceOutcome, sinkOutcome] = await Promise.all([ending(source), ending(sink), copied]);
  const outcome = sourceOutcome ?? sinkOutcome;
  if (outcome === undefined) return;
  const failing = sourceOutcome === undefined ? right : left;
  throw new Error(`${failing.join(" ")} ${outcome}:\n${Buffer.concat(errors).toString().trimEnd()}`);
}

/** Tries again after a failure, as network clients need it; what went wrong is shown each time and thrown at last. */
export async function retried<T>(log: PhaseLog, attempts: number, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= attempts) throw error;
      const pauseSeconds = 2 ** attempt;
      log.note(`attempt ${attempt} of ${attempts} failed, next in ${pauseSeconds} s: ${String(error)}`);
      await new Promise((resume) => setTimeout(resume, pauseSeconds * 1000));
    }
  }
}

/** Undefined for success, else how the process ended. */
function ending(child: ReturnType<typeof spawn>): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(`could not be started: ${error.message}`));
    child.once("close", (code, signal) => {
      if (code === 0) resolve(undefined);
      else resolve(signal ? `was ended by ${signal}` : `ended with code ${code}`);
    });
  });
}
