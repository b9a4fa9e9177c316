/** `pulumi up` on a stack that may have been left in any condition. */
import { setTimeout as sleep } from "node:timers/promises";
import type { KubernetesObject } from "@kubernetes/client-node";
import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { PhaseLog } from "../local/report.ts";
import { project, pulumiEnvironment, stack, type Environment } from "./environment.ts";
import { createdMeanwhile, mended, pendingOperations, type ExportedState } from "./interrupted-creates.ts";
import { interruptible } from "./interrupts.ts";
import { liveLocks } from "./locks.ts";
import { mandatoryPolicies } from "./policy-pack.ts";
import { ran, type Ending, type Invocation } from "./programs.ts";
import { checkout } from "./versions.ts";
import { diagnostics, progress } from "./pulumi-output.ts";

const LOCK_POLL_MS = 500;

/** Runs Pulumi on the stack, to whatever end. */
export function pulumi(
  environment: Environment,
  args: readonly string[],
  options: Partial<Invocation> = {},
): Promise<Ending> {
  const argv = ["pulumi", ...args, "--stack", stack, "--non-interactive", "--color=never"] as const;
  return ran({ ...options, argv, cwd: checkout, env: pulumiEnvironment(environment) });
}

/**
 * Brings the stack to what program and configuration say, starting from whatever an interrupted run left. A preview comes
 * first: what the program or a policy refuses is refused before anything is touched, and where nothing changes nothing else
 * is done.
 * @returns what was changed, in Pulumi's words: "3 created, 41 unchanged"
 */
export async function up(environment: Environment): Promise<string> {
  await takeOver(environment);
  const plan = await step(environment, "Previewing changes", ["preview", ...mandatoryPolicies]);
  if (progress.isUnchanged(plan)) return progress.summary(plan);
  const args = ["up", "--yes", "--skip-preview", ...mandatoryPolicies];
  return progress.summary(await step(environment, "Running pulumi up", args));
}

/** Runs one command of Pulumi as a phase; gives what it wrote to standard output. */
function step(environment: Environment, title: string, args: readonly string[]): Promise<string> {
  return environment.report.phase(title, async (log) => {
    const { stdout, stderr, code } = await passingOnInterrupts(environment, log, args);
    if (code === 0) return stdout;
    throw new Error(`pulumi ${args[0] ?? ""} failed:\n${diagnostics(`${stdout}\n${stderr}`)}\n(log: ${log.path})`);
  });
}

async function passingOnInterrupts(environment: Environment, log: PhaseLog, args: readonly string[]): Promise<Ending> {
  let child: Parameters<NonNullable<Invocation["onStart"]>>[0] | undefined;
  const interrupt = () => {
    log.note("interrupted: waiting for Pulumi to finish its step (again: at once)");
    child?.kill("SIGINT");
  };
  return interruptible(interrupt, () =>
    pulumi(environment, args, {
      log: log.path,
      shielded: true,
      onStart: (started) => (child = started),
      onLine: (line) => {
        const step = progress.step(line);
        if (step !== undefined) log.note(step);
      },
    }),
  );
}

/** Waits for a Pulumi that works on the stack, and clears up after one that was killed. */
async function takeOver(environment: Environment): Promise<void> {
  const holders = () => liveLocks(environment.backend, project, stack);
  if ((await holders()).length > 0) {
    await environment.report.phase("Waiting for another Pulumi", async (log) => {
      for (let locks = await holders(); locks.length > 0; locks = await holders()) {
        const [{ pid, hostname, timestamp }] = locks as [(typeof locks)[number]];
        log.note(
          `process ${pid} on ${hostname} works on this stack since ${timestamp}; if it does not: npm run pulumi -- cancel`,
        );
        await sleep(LOCK_POLL_MS);
      }
    });
  }
  const state = JSON.parse(await checked(environment, ["stack", "export"])) as ExportedState;
  if (pendingOperations(state).length > 0) {
    await environment.report.phase("Taking up what was interrupted", (log) => mend(environment, state, log));
  }
}

async function mend(environment: Environment, state: ExportedState, log: PhaseLog): Promise<void> {
  const adopted = await createdMeanwhile(state, await liveObjects(environment));
  const file = path.join(environment.stateDir, "pulumi", "mended.json");
  await writeFile(file, JSON.stringify(mended(state, adopted)), { mode: 0o600 });
  await checked(environment, ["stack", "import", "--file", file], log);
  await rm(file);
  if (adopted.length === 0) return;
  const targets = adopted.flatMap(({ urn }) => ["--target", urn]);
  await checked(environment, ["refresh", "--yes", "--skip-preview", ...targets], log);
}

async function checked(environment: Environment, args: readonly string[], log?: PhaseLog): Promise<string> {
  const { code, stdout, stderr } = await pulumi(environment, args, { log: log?.path });
  if (code === 0) return stdout;
  throw new Error(`pulumi ${args.slice(0, 2).join(" ")} failed:\n${diagnostics(`${stdout}\n${stderr}`)}`);
}

/** Looks objects up in the cluster of the environment. The client takes a while to load, and is seldom needed. */
async function liveObjects({ cluster }: Environment) {
  const [{ ApiException, KubernetesObjectApi }, { mergedKubeconfig }] = await Promise.all([
    import("@kubernetes/client-node"),
    import("../components/cluster-access.ts"),
  ]);
  const config = mergedKubeconfig(cluster.kubeconfig.split(path.delimiter));
  config.setCurrentContext(cluster.context);
  const client = KubernetesObjectApi.makeApiClient(config);
  return async ({ apiVersion, kind, metadata }: KubernetesObject): Promise<KubernetesObject | undefined> => {
    try {
      const { name = "", namespace } = metadata ?? {};
      return await client.read({
        apiVersion,
        kind,
        metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
      });
    } catch (error) {
      if (error instanceof ApiException && error.code === 404) return undefined;
      throw error;
    }
  };
}
