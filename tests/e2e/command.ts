import { spawn } from "node:child_process";

/** Result of a command. */
export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How {@link attempt} and {@link succeed} run a command. */
export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Standard input; none by default. */
  readonly input?: string;
  /** Seconds after which the command is killed; its code is then 1. @default 540, less than the timeout of a test */
  readonly timeout?: number;
}

/** Runs a command and returns its result even when it fails. Throws only when it cannot be started. */
export async function attempt(command: string, args: readonly string[], options: CommandOptions = {}): Promise<Result> {
  const { cwd, env, input = "", timeout = 540 } = options;
  const child = spawn(command, args, { cwd, env, stdio: "pipe", timeout: timeout * 1000, killSignal: "SIGKILL" });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8");
    child[name].on("data", (text: string) => (output[name] += text));
  }
  // a command may end without reading its input; only its exit code counts
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (signal !== null) output.stderr += `\nended by ${signal}`;
      resolve({ code: code ?? 1, ...output });
    });
  });
}

/** Runs a command and returns its standard output. Throws with its output when it fails. */
export async function succeed(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await attempt(command, args, options);
  if (code !== 0) throw new Error(failure(`${command} ${args.join(" ")}`, { code, stdout, stderr }));
  return stdout;
}

/** Describes a failed command, with the end of its output. */
export function failure(what: string, { code, stdout, stderr }: Result): string {
  const last = (text: string): string => (text.length <= 6000 ? text : `...${text.slice(-6000)}`);
  return `${what}: exit code ${code}\n${last(stdout)}\n${last(stderr)}`;
}
