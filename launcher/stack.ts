/** `pulumi up`, including recovery after an interrupted run and the repair of what somebody changed or deleted. */
import { setTimeout as sleep } from "node:timers/promises";
import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { PhaseLog } from "../local/report.ts";
import { namespaces, operatorsNamespace } from "../components/names.ts";
import { openClusterApi, type ClusterApi } from "./cluster-api.ts";
import { isImageProblem, problemLine, watchContainerProblems, type ContainerProblem } from "./container-problems.ts";
import { declaredObjects } from "./drift/declared.ts";
import { driftLines, findDrift, settledDrift, type Drift, type StackState } from "./drift/drift.ts";
import { pulumiEnvironment, type Environment } from "./environment.ts";
import { imageSetting } from "./image-setting.ts";
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
import { diagnostics, progress } from "./pulumi-output.ts";
import { project } from "./stack-files.ts";
import { pulumiHint, startHint } from "./target.ts";
import { checkout } from "./versions.ts";

const LOCK_POLL_MS = 500;
/** The namespaces whose containers are watched during an update. */
const watchedNamespaces = [...namespaces, operatorsNamespace];

/** Runs Pulumi on the stack and resolves with its result, whatever its exit code. */
export function pulumi(
  environment: Environment,
  args: readonly string[],
  options: Partial<Invocation> = {},
): Promise<Result> {
  const argv = ["pulumi", ...args, "--stack", environment.target.stack, "--non-interactive", "--color=never"] as const;
  return run({ ...options, argv, cwd: checkout, env: pulumiEnvironment(environment) });
}

/** The result of {@link up}. */
export interface Update {
  /** Pulumi's summary of the changes: "3 created, 41 unchanged" */
  readonly changes: string;
  readonly state: ExportedState;
}

/**
 * Updates the stack, after recovering it from an interrupted run, and repairs objects that differ from it. Previews
 * first: an error of the program or a policy violation stops it before anything changes, and without changes and drift
 * it skips the update.
 */
export async function up(environment: Environment): Promise<Update> {
  const state = await recover(environment);
  const previewing = runPhase(environment, "Previewing changes", ["preview", ...mandatoryPolicies]);
  const opening = openClusterApi(environment.cluster);
  const comparing = opening.then((api) => compare(environment, api, state));
  // The preview's error comes first, because it explains more.
  comparing.catch(() => undefined);
  const preview = await previewing;
  const [api, drift] = await Promise.all([opening, comparing]);
  if (drift.length === 0 && progress.isUnchanged(preview)) return { changes: progress.summary(preview), state };
  if (drift.length > 0) environment.report.warn(["Repairing what differs from the stack:", ...asList(drift)]);
  const changes = progress.summary(await update(environment, api, drift.length > 0));
  const updated = await exportedState(environment);
  const left = drift.length > 0 ? await findDrift(api, stackState(environment, updated)) : [];
  if (left.length === 0) return { changes, state: updated };
  throw new Error(["Some objects still differ from the stack:", ...asList(left)].join("\n"));
}

const asList = (drift: readonly Drift[]): string[] => driftLines(drift).map((line) => `    ${line}`);

/** Compares the cluster with the stack, while the preview runs. */
async function compare(environment: Environment, api: ClusterApi, state: ExportedState): Promise<readonly Drift[]> {
  if (declaredObjects(state).length === 0) return [];
  return environment.report.phase("Comparing the cluster with the stack", (log) =>
    settledDrift(api, stackState(environment, state), log),
  );
}

/** Runs `pulumi up`. A repair reads the live objects first. */
async function update(environment: Environment, api: ClusterApi, isRepair: boolean): Promise<string> {
  const args = ["up", "--yes", "--skip-preview", ...(isRepair ? ["--refresh"] : []), ...mandatoryPolicies];
  const watch = watchContainerProblems(api, watchedNamespaces, (problem) => void warn(environment, problem));
  try {
    const problems = () => watch.current.map(problemLine);
    return await runPhase(environment, "Running pulumi up", args, problems);
  } finally {
    watch.stop();
  }
}

/** Prints a problem of a container, and how to fix it. */
async function warn({ target, configFile, report }: Environment, problem: ContainerProblem): Promise<void> {
  const lines = [`WARNING: ${problemLine(problem)}`];
  const key = `${project}:images`;
  const setting = isImageProblem(problem) ? await imageSetting(configFile, key, problem.image) : undefined;
  if (setting !== undefined) {
    const command = pulumiHint(target, "config", "set", "--path", `${key}.${setting.name}`, setting.other);
    lines.push(`    It is the setting images.${setting.name}. To change it: ${command}`);
    lines.push(`    Then press Ctrl-C and rerun ${startHint(target)}`);
  }
  report.warn(lines);
}

/**
 * Runs one Pulumi command as a phase and resolves with its standard output.
 * @param problems what holds it up at the moment
 */
function runPhase(
  environment: Environment,
  title: string,
  args: readonly string[],
  problems: () => readonly string[] = () => [],
): Promise<string> {
  return environment.report.phase(title, async (log) => {
    const { stdout, stderr, code } = await runInterruptibly(environment, log, args, problems);
    if (code === 0) return stdout;
    const causes = [diagnostics(`${stdout}\n${stderr}`), ...problems()];
    throw new Error(`pulumi ${args[0] ?? ""} failed:\n${causes.join("\n")}\n(log: ${log.path})`);
  });
}

async function runInterruptibly(
  environment: Environment,
  log: PhaseLog,
  args: readonly string[],
  problems: () => readonly string[],
): Promise<Result> {
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
        // Pulumi also counts the pods of the previous version, which are not progress of a container that cannot start.
        const step = problems()[0] ?? progress.step(line);
        if (step !== undefined) log.note(step);
      },
    }),
  );
}

/** Waits for another Pulumi process on the stack, and recovers from a killed one. */
async function recover(environment: Environment): Promise<ExportedState> {
  const holders = () => liveLocks(environment.backend, project, environment.target.stack);
  if ((await holders()).length > 0) {
    await environment.report.phase("Waiting for another Pulumi process", async (log) => {
      for (let locks = await holders(); locks.length > 0; locks = await holders()) {
        const [{ pid, hostname, timestamp }] = locks as [(typeof locks)[number]];
        log.note(
          `process ${pid} on ${hostname} has held the lock since ${timestamp}; ` +
            `if it is gone: ${pulumiHint(environment.target, "cancel")}`,
        );
        await sleep(LOCK_POLL_MS);
      }
    });
  }
  const state = await exportedState(environment);
  if (pendingOperations(state).length === 0) return state;
  await environment.report.phase("Recovering from an interrupted update", (log) =>
    resolvePendingOperations(environment, state, log),
  );
  return exportedState(environment);
}

/** The stack's state, with its secrets encrypted. */
export async function exportedState(environment: Environment, ...options: readonly string[]): Promise<ExportedState> {
  return JSON.parse(await pulumiOutput(environment, ["stack", "export", ...options])) as ExportedState;
}

/** A state for comparison with the cluster. Its secrets never get into a file. */
export function stackState(environment: Environment, state: ExportedState): StackState {
  return { state, withSecrets: () => exportedState(environment, "--show-secrets") };
}

/** Adopts the objects that the interrupted update created, and removes all pending operations from the state. */
async function resolvePendingOperations(environment: Environment, state: ExportedState, log: PhaseLog): Promise<void> {
  const api = await openClusterApi(environment.cluster);
  const adopted = await unrecordedResources(state, (object) => api.read(object));
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
