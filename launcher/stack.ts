/** `pulumi up`, including recovery after an interrupted run. */
import { setTimeout as sleep } from "node:timers/promises";
import type { KubernetesObject } from "@kubernetes/client-node";
import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { PhaseLog } from "../local/report.ts";
import { project, pulumiEnvironment, stack, type Environment } from "./environment.ts";
import {
  pendingOperations,
  unrecordedResources,
  withoutPendingOperations,
  type ExportedState,
} from "./interrupted-creates.ts";
import { interruptible } from "./interrupts.ts";
import { liveLocks } from "./locks.ts";
import { mandatoryPolicies } from "./policy-pack.ts";
import { run, type Invocation, type Result } from "./programs.ts";
import { checkout } from "./versions.ts";
import { diagnostics, progress } from "./pulumi-output.ts";

const LOCK_POLL_MS = 500;

/** Runs Pulumi on the stack and resolves with its result, whatever its exit code. */
export function pulumi(
  environment: Environment,
  args: readonly string[],
  options: Partial<Invocation> = {},
): Promise<Result> {
  const argv = ["pulumi", ...args, "--stack", stack, "--non-interactive", "--color=never"] as const;
  return run({ ...options, argv, cwd: checkout, env: pulumiEnvironment(environment) });
}

/**
 * Updates the stack, after recovering it from an interrupted run. Previews first: an error of the program or a policy
 * violation stops it before anything changes, and without changes it skips the update.
 * @returns Pulumi's summary of the changes: "3 created, 41 unchanged"
 */
export async function up(environment: Environment): Promise<string> {
  await recover(environment);
  const preview = await runPhase(environment, "Previewing changes", ["preview", ...mandatoryPolicies]);
  if (progress.isUnchanged(preview)) return progress.summary(preview);
  const args = ["up", "--yes", "--skip-preview", ...mandatoryPolicies];
  return progress.summary(await runPhase(environment, "Running pulumi up", args));
}

/** Runs one Pulumi command as a phase and resolves with its standard output. */
function runPhase(environment: Environment, title: string, args: readonly string[]): Promise<string> {
  return environment.report.phase(title, async (log) => {
    const { stdout, stderr, code } = await runInterruptibly(environment, log, args);
    if (code === 0) return stdout;
    throw new Error(`pulumi ${args[0] ?? ""} failed:\n${diagnostics(`${stdout}\n${stderr}`)}\n(log: ${log.path})`);
  });
}

async function runInterruptibly(environment: Environment, log: PhaseLog, args: readonly string[]): Promise<Result> {
  let child: Parameters<NonNullable<Invocation["onStart"]>>[0] | undefined;
  const interrupt = () => {
    log.note("interrupted: waiting for Pulumi to finish its current step (press Ctrl-C again to abort it)");
    child?.kill("SIGINT");
  };
  return interruptible(interrupt, () =>
    pulumi(environment, args, {
      log: log.path,
      ownProcessGroup: true,
      onStart: (started) => (child = started),
      onLine: (line) => {
        const step = progress.step(line);
        if (step !== undefined) log.note(step);
      },
    }),
  );
}

/** Waits for another Pulumi process on the stack, and recovers from a killed one. */
async function recover(environment: Environment): Promise<void> {
  const holders = () => liveLocks(environment.backend, project, stack);
  if ((await holders()).length > 0) {
    await environment.report.phase("Waiting for another Pulumi process", async (log) => {
      for (let locks = await holders(); locks.length > 0; locks = await holders()) {
        const [{ pid, hostname, timestamp }] = locks as [(typeof locks)[number]];
        log.note(
          `process ${pid} on ${hostname} has held the lock since ${timestamp}; if it is gone: npm run pulumi -- cancel`,
        );
        await sleep(LOCK_POLL_MS);
      }
    });
  }
  const state = JSON.parse(await pulumiOutput(environment, ["stack", "export"])) as ExportedState;
  if (pendingOperations(state).length > 0) {
    await environment.report.phase("Recovering from an interrupted update", (log) =>
      resolvePendingOperations(environment, state, log),
    );
  }
}

/** Adopts the objects that the interrupted update created, and removes all pending operations from the state. */
async function resolvePendingOperations(environment: Environment, state: ExportedState, log: PhaseLog): Promise<void> {
  const adopted = await unrecordedResources(state, await liveObjects(environment));
  const file = path.join(environment.stateDir, "pulumi", "recovered.json");
  await writeFile(file, JSON.stringify(withoutPendingOperations(state, adopted)), { mode: 0o600 });
  await pulumiOutput(environment, ["stack", "import", "--file", file], log);
  await rm(file);
  if (adopted.length === 0) return;
  const targets = adopted.flatMap(({ urn }) => ["--target", urn]);
  await pulumiOutput(environment, ["refresh", "--yes", "--skip-preview", ...targets], log);
}

async function pulumiOutput(environment: Environment, args: readonly string[], log?: PhaseLog): Promise<string> {
  const { code, stdout, stderr } = await pulumi(environment, args, { log: log?.path });
  if (code === 0) return stdout;
  throw new Error(`pulumi ${args.slice(0, 2).join(" ")} failed:\n${diagnostics(`${stdout}\n${stderr}`)}`);
}

/** Reads objects from the environment's cluster. Imports the client on demand: it loads slowly and is rarely needed. */
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
