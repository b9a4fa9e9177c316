import { spawn } from "node:child_process";
import path from "node:path";
import { status } from "../../local/index.ts";
import { clusterOptions, pulumiEnvironment } from "../environment.ts";
import { screenReporter } from "../report.ts";
import { environmentFor } from "../stores.ts";
import { startHint, type Target } from "../target.ts";
import { checkout, launcherLogs } from "../versions.ts";

const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** `npm run kubectl`: the embedded cluster's kubectl, with the embedded cluster's kubeconfig. */
export async function kubectlCommand(target: Target, args: readonly string[]): Promise<number> {
  const { name } = target;
  const { cluster } = await status(clusterOptions(name, screenReporter(path.join(launcherLogs, name))));
  if (cluster === undefined)
    throw new Error(`The embedded cluster is not running. Start it with: ${startHint(target)}`);
  return passThrough(cluster.kubectl, args, { ...process.env, KUBECONFIG: cluster.kubeconfig });
}

/** `npm run pulumi`: the Pulumi CLI, with the stack that `npm start` updates selected. */
export async function pulumiCommand(target: Target, args: readonly string[]): Promise<number> {
  return passThrough("pulumi", args, pulumiEnvironment(await environmentFor(target)));
}

/**
 * Runs a program on this terminal, forwards signals to it, and resolves with its exit code.
 *
 * @param input what it reads instead of this process's standard input
 */
export function passThrough(
  program: string,
  args: readonly string[],
  env: Record<string, string | undefined>,
  input?: string,
): Promise<number> {
  const stdin = input === undefined ? "inherit" : "pipe";
  const child = spawn(program, args, { stdio: [stdin, "inherit", "inherit"], cwd: checkout, env: env });
  // A program that does not read its input closes the pipe; its exit code says whether that was an error.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(input);
  // The terminal sends Ctrl-C to the child too. A second SIGINT would make Pulumi abort its current step.
  const forward = (signal: NodeJS.Signals) =>
    process.stdin.isTTY && signal === "SIGINT" ? undefined : child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, forward);
  return new Promise<number>((resolve, reject) => {
    child.once("error", (error) => reject(new Error(`${program} did not start: ${error.message}`)));
    child.once("exit", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 143)));
  }).finally(() => {
    for (const signal of SIGNALS) process.off(signal, forward);
  });
}
