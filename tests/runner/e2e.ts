import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { clusterOptions, type Environment, prepare, pulumiEnvironment } from "../../launcher/environment.ts";
import { mandatoryPolicies } from "../../launcher/policy-pack.ts";
import { type ScreenReporter, screenReporter } from "../../launcher/report.ts";
import { stateDirectory, type Target } from "../../launcher/target.ts";
import { type ClusterOptions, status, stop } from "../../local/index.ts";
import { clusterId, readSpec } from "../../local/node/spec.ts";
import { preflight } from "../../local/preflight.ts";
import { readStatus } from "../../local/supervisor/status.ts";
import { eventually } from "../e2e/eventually.ts";
import { type Session, sessionVariable } from "../e2e/session.ts";
import { choiceOf } from "./choice.ts";
import { difference, type HostState, hostState, packetFilterRules, processesOf } from "./host.ts";
import { runJest } from "./jest.ts";
import { skippedStep } from "./skipped.ts";
import { type Outcome, type Step, verdict } from "./step.ts";

const configs = {
  local: "jest.e2e.config.mjs",
  policies: "policies/jest.e2e.config.mjs",
  production: "jest.production.config.mjs",
} as const;

/** The stacks of the tests. `npm start` has other states, and so other clusters. */
const targets = {
  local: { name: "e2e", stack: "local" },
  production: { name: "e2e-production", stack: "local-production" },
} as const satisfies Record<string, Target>;

/** Options of the end-to-end tests. */
export interface EndToEndOptions {
  readonly checkout: string;
  /** Folder of the logs. */
  readonly logs: string;
  /** Names of tests, see {@link choiceOf}; empty for all. The provisioning test of a stack runs in any case. */
  readonly names: readonly string[];
  /** Keeps the last cluster running at the end. */
  readonly keep: boolean;
}

/** Tests that share one cluster. */
interface Suite {
  readonly target: Target;
  readonly steps: (environment: Environment) => Promise<readonly Step[]>;
}

/**
 * Steps of the end-to-end tests. For each suite: create a cluster, run jest on it, remove the cluster and verify that
 * nothing remains. On a machine that cannot host the cluster, a single step reports every test as skipped, by name.
 */
export async function* endToEndSteps({ checkout, logs, names, keep }: EndToEndOptions): AsyncGenerator<Step> {
  const report = screenReporter(logs);
  const problems = await preflight(stateDirectory(targets.local.name));
  const skipped = skippedStep(checkout, problems, Object.values(configs));
  if (skipped !== undefined) {
    yield skipped;
    return;
  }
  for (const { name } of Object.values(targets)) await stop(clusterOptions(name, report));
  const suites = suitesOf(checkout, names);
  for (const suite of suites) yield* suiteSteps(suite, { checkout, report, keep: keep && suite === suites.at(-1) });
}

/** The chosen suites, in the order in which they run. */
function suitesOf(checkout: string, names: readonly string[]): Suite[] {
  const { local, policies, production } = choiceOf(names);
  const ofLocal = async (environment: Environment) => [
    ...(local === undefined ? [] : [await testsStep(environment, checkout, configs.local, local)]),
    ...(policies ? [policiesStep(environment, checkout)] : []),
  ];
  const ofProduction = async (environment: Environment, chosen: readonly string[]) => [
    await testsStep(environment, checkout, configs.production, chosen),
  ];
  return [
    ...(local === undefined && !policies ? [] : [{ target: targets.local, steps: ofLocal }]),
    ...(production === undefined
      ? []
      : [{ target: targets.production, steps: (environment: Environment) => ofProduction(environment, production) }]),
  ];
}

async function* suiteSteps(
  { target, steps }: Suite,
  { checkout, report, keep }: { checkout: string; report: ScreenReporter; keep: boolean },
): AsyncGenerator<Step> {
  const cluster = clusterOptions(target.name, report);
  const before = hostState();
  try {
    let environment: Environment | undefined;
    yield {
      name: `create the embedded cluster for stack ${target.stack}`,
      run: async () => {
        environment = await prepare(target, report);
        return passed;
      },
    };
    if (environment === undefined) return;
    yield* await steps(environment);
    if (!keep) {
      const name = `host cleanup after stack ${target.stack}`;
      yield { name, run: async (log) => verifyCleanup(checkout, cluster, before, log) };
    }
  } finally {
    // Also if the tests are interrupted. No-op if the cluster is already removed.
    if (!keep) await stop(cluster);
  }
}

/** The tests of a stack: the provisioning test and the named ones, or all. */
async function testsStep(
  environment: Environment,
  checkout: string,
  config: string,
  names: readonly string[],
): Promise<Step> {
  const session = join(environment.stateDir, "session.json");
  writeFileSync(session, JSON.stringify(await sessionOf(environment, checkout), undefined, 2));
  const env = { ...process.env, [sessionVariable]: session };
  const args = names.length === 0 ? [] : ["provision", ...names];
  return {
    name: `end-to-end tests of stack ${environment.target.stack}`,
    run: async (log) => runJest({ cwd: checkout, config, args, env, log, echo: true }),
  };
}

/** The policy pack's tests, on the same cluster in separate namespaces. */
function policiesStep(environment: Environment, checkout: string): Step {
  const options = { cwd: checkout, config: configs.policies, env: pulumiEnvironment(environment) };
  return {
    name: "end-to-end tests of the policy pack",
    run: async (log) => runJest({ ...options, log, echo: true }),
  };
}

/** Stops the cluster after a first, killed attempt, and checks that nothing of it remains on the host. */
async function verifyCleanup(
  checkout: string,
  cluster: ClusterOptions,
  before: HostState,
  log: string,
): Promise<Outcome> {
  const { stateDir } = cluster;
  const id = clusterId(stateDir);
  const { nodeRootfs } = readSpec(stateDir).artifacts;
  await interruptDown(checkout, stateDir);
  await stop(cluster);
  const remains = [
    ...difference(before, hostState(), id),
    ...processesOf(id, stateDir),
    ...packetFilterRules(nodeRootfs),
    ...[stateDir, `${stateDir}.removed`].filter((path) => existsSync(path)).map((path) => `path ${path}`),
  ];
  writeFileSync(log, `${remains.join("\n")}\n`);
  return verdict(remains.length === 0, log);
}

/** Starts `npm run down` and kills it while the cluster is stopping. */
async function interruptDown(checkout: string, stateDir: string): Promise<void> {
  const command = [join(checkout, "launcher", "main.ts"), "down", "--state", basename(stateDir)];
  const down = spawn(process.execPath, command, { stdio: "ignore" });
  const ended = once(down, "close");
  await eventually(() => readStatus(stateDir)?.phase === "stopping", { interval: 0.05 });
  down.kill("SIGKILL");
  await ended;
}

const passed: Outcome = { passed: 1, failed: 0, skipped: 0, shown: [] };

/** The environment in serializable form, for the test processes. */
async function sessionOf(environment: Environment, checkout: string): Promise<Session> {
  const { target, stateDir, configFile, report } = environment;
  const { pid, cluster } = await status(clusterOptions(target.name, report));
  if (pid === undefined || cluster === undefined) throw new Error("the embedded cluster is no longer running");
  const pulumi = { command: "pulumi", env: pulumiEnvironment(environment) };
  return { cluster, checkout, stateDir, configFile, node: pid, pulumi, mandatoryPolicies };
}
