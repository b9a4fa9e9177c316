/** Finds programs, and runs them with captured output. */
import { spawn } from "node:child_process";
import { accessSync, constants, createWriteStream, statSync } from "node:fs";
import path from "node:path";

/** The full path of a program on PATH; undefined if there is none. */
export function onPath(program: string, searchPath = process.env["PATH"] ?? ""): string | undefined {
  return searchPath
    .split(path.delimiter)
    .filter((directory) => directory !== "")
    .map((directory) => path.join(directory, program))
    .find(isExecutable);
}

/** Whether the path is a file that this process may execute. */
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
  /** The complete environment. @default this process's environment */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Standard input. @default none */
  readonly input?: string;
  /** File to append the output to while the program runs. */
  readonly log?: string;
  /** Called with each line of standard output and standard error. */
  readonly onLine?: (line: string) => void;
  /** Timeout in milliseconds, after which the program gets SIGKILL. @default none */
  readonly timeoutMs?: number;
  /** Runs the program in its own process group: it does not get Ctrl-C unless the caller forwards it. @default false */
  readonly ownProcessGroup?: boolean;
  /** Called with the running process, to send signals to it. */
  readonly onStart?: (child: { kill(signal: NodeJS.Signals): boolean }) => void;
}

/** A program's exit code and output. */
export interface Result {
  /** 128 plus the signal's number if a signal killed the program, as in shells. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const SIGNAL_NUMBERS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** Runs a program and resolves with its result, whatever its exit code. Rejects if it does not start. */
export async function run(invocation: Invocation): Promise<Result> {
  const [program, ...args] = invocation.argv;
  const { cwd, env, input, timeoutMs, ownProcessGroup = false } = invocation;
  const log = invocation.log === undefined ? undefined : createWriteStream(invocation.log, { flags: "a", mode: 0o600 });
  log?.write(`+ ${invocation.argv.join(" ")}\n`);
  const child = spawn(program, args, {
    cwd,
    env: env,
    stdio: "pipe",
    detached: ownProcessGroup,
    timeout: timeoutMs,
    killSignal: "SIGKILL",
  });
  // A program that does not read its input closes the pipe; its exit code says whether that was an error.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  invocation.onStart?.(child);
  const outputs = [child.stdout, child.stderr].map((stream) => {
    const output = { text: "" };
    stream.setEncoding("utf8");
    let line = "";
    stream.on("data", (chunk: string) => {
      output.text += chunk;
      log?.write(chunk);
      const lines = (line + chunk).split("\n");
      line = lines.pop() ?? "";
      for (const each of lines) invocation.onLine?.(each);
    });
    return output;
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", (error) => reject(new Error(`${program} did not start: ${error.message}`)));
    child.once("close", (status, signal) => resolve(status ?? 128 + (SIGNAL_NUMBERS[signal ?? ""] ?? 0)));
  });
  await new Promise<void>((resolve) => (log === undefined ? resolve() : log.end(resolve)));
  return { code, stdout: outputs[0]?.text ?? "", stderr: outputs[1]?.text ?? "" };
}

/** Runs a program and resolves with its standard output. Rejects with its last output lines unless it exits with 0. */
export async function outputOf(invocation: Invocation): Promise<string> {
  const { code, stdout, stderr } = await run(invocation);
  if (code === 0) return stdout;
  const lastLines = (stderr.trim() === "" ? stdout : stderr).trim().split("\n").slice(-8);
  throw new Error([`${invocation.argv.slice(0, 3).join(" ")} exited with code ${code}:`, ...lastLines].join("\n"));
}
