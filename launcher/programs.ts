/** Programs of this machine: where they are, and running them with their output kept. */
import { spawn } from "node:child_process";
import { accessSync, constants, createWriteStream, statSync } from "node:fs";
import path from "node:path";

/** The full path of a program on PATH, if it is there. */
export function onPath(program: string, searched = process.env["PATH"] ?? ""): string | undefined {
  return searched
    .split(path.delimiter)
    .filter((directory) => directory !== "")
    .map((directory) => path.join(directory, program))
    .find(isExecutable);
}

/** Whether a path is a file that we may run. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

export interface Invocation {
  readonly argv: readonly [string, ...string[]];
  readonly cwd?: string;
  /** The whole environment. @default this process's own */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** File that the output is appended to as it comes. */
  readonly log?: string;
  /** Called with every line of standard output and standard error. */
  readonly onLine?: (line: string) => void;
  /** After so many milliseconds the program is ended. @default never */
  readonly timeoutMs?: number;
  /** Whether Ctrl-C goes to us alone: the caller passes on what it wants to. @default false */
  readonly shielded?: boolean;
  /** Called with the running process, for signals. */
  readonly onStart?: (child: { kill(signal: NodeJS.Signals): boolean }) => void;
}

/** How a program ended, and what it wrote. */
export interface Ending {
  /** 128 and the signal's number for one that a signal ended, as shells have it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const SIGNAL_NUMBERS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** Runs a program to its end, whatever that is. Rejects when it cannot be started. */
export async function ran(invocation: Invocation): Promise<Ending> {
  const [program, ...args] = invocation.argv;
  const { cwd, env, timeoutMs, shielded = false } = invocation;
  const log = invocation.log === undefined ? undefined : createWriteStream(invocation.log, { flags: "a", mode: 0o600 });
  log?.write(`+ ${invocation.argv.join(" ")}\n`);
  const child = spawn(program, args, {
    cwd,
    env: env,
    stdio: ["ignore", "pipe", "pipe"],
    detached: shielded,
    timeout: timeoutMs,
    killSignal: "SIGKILL",
  });
  invocation.onStart?.(child);
  const texts = [child.stdout, child.stderr].map((stream) => {
    const text = { all: "" };
    stream.setEncoding("utf8");
    let line = "";
    stream.on("data", (chunk: string) => {
      text.all += chunk;
      log?.write(chunk);
      const lines = (line + chunk).split("\n");
      line = lines.pop() ?? "";
      for (const each of lines) invocation.onLine?.(each);
    });
    return text;
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", (error) => reject(new Error(`${program} cannot be run: ${error.message}`)));
    child.once("close", (status, signal) => resolve(status ?? 128 + (SIGNAL_NUMBERS[signal ?? ""] ?? 0)));
  });
  await new Promise<void>((resolve) => (log === undefined ? resolve() : log.end(resolve)));
  return { code, stdout: texts[0]?.all ?? "", stderr: texts[1]?.all ?? "" };
}

/** What a program wrote to standard output. Rejects with the last lines of its output unless it ended with 0. */
export async function succeeded(invocation: Invocation): Promise<string> {
  const { code, stdout, stderr } = await ran(invocation);
  if (code === 0) return stdout;
  const said = (stderr.trim() === "" ? stdout : stderr).trim().split("\n").slice(-8);
  throw new Error([`${invocation.argv.slice(0, 3).join(" ")} ended with code ${code}:`, ...said].join("\n"));
}
