import { spawn } from "node:child_process";
import path from "node:path";
import { status } from "../../local/index.ts";
import { contextOf } from "../contexts.ts";
import { clusterOptions, existing, pulumiEnvironment, stateDirectory, type Target } from "../environment.ts";
import { screenReporter } from "../report.ts";
import { checkout, launcherLogs } from "../versions.ts";

const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** `npm run kubectl`: kubectl of the embedded cluster, on the embedded cluster. */
export async function kubectlCommand({ name }: Target, args: readonly string[]): Promise<number> {
  const { cluster } = await status(clusterOptions(name, reporter(name)));
  if (cluster === undefined) throw new Error("The embedded cluster does not run. Start it with: npm start");
  return passOn(cluster.kubectl, args, { ...process.env, KUBECONFIG: cluster.kubeconfig });
}

/** `npm run pulumi`: Pulumi on the stack that `npm start` runs. */
export async function pulumiCommand(target: Target, args: readonly string[]): Promise<number> {
  const { name, context } = target;
  const embedded = { kubeconfig: path.join(stateDirectory(name), "kubeconfig"), context: `bana-${name}` };
  const environment = await existing(target, context === undefined ? embedded : contextOf(context), reporter(name));
  return passOn("pulumi", args, pulumiEnvironment(environment));
}

function reporter(name: string) {
  return screenReporter(path.join(launcherLogs, name));
}

/** Runs a program in our place: on our terminal, with our signals, its exit code ours. */
export function passOn(
  program: string,
  args: readonly string[],
  env: Record<string, string | undefined>,
): Promise<number> {
  const child = spawn(program, args, { stdio: "inherit", cwd: checkout, env: env });
  // A Ctrl-C at the terminal reaches the program by itself; a second one would make Pulumi drop what it is doing.
  const forward = (signal: NodeJS.Signals) =>
    process.stdin.isTTY && signal === "SIGINT" ? undefined : child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(new Error(`${program} cannot be run: ${error.message}`)));
    child.once("exit", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 143)));
  });
}
