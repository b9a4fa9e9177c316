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

/**
 * The last tests of stack `local`. They have no time limits of seconds, so that the cluster of the production layer may
 * start beside them. With more of them beside it, two processors are overloaded and probes fail.
 */
const lastTests = ["kafka", "destroy", "own-configuration", "interrupted-up"] as const;

/** A suite's steps on its cluster. */
type Steps = (environment: Environment) => AsyncGenerator<Step>;

/** Tests that share one cluster. */
interface Suite {
  readonly target: Target;
  readonly steps: Steps;
}

/**
 * Suites of end-to-end tests, to run side by side: each creates a cluster, runs jest on it, removes the cluster and
 * verifies that nothing remains. The second one waits until only the last tests of the first one are left. On a machine
 * that cannot host a cluster, a single step reports every test as skipped, by name.
 */
export function endToEndSuites(options: EndToEndOptions): AsyncGenerator<Step>[] {
  const report = screenReporter(options.logs);
  const { local, policies, production } = choiceOf(options.names);
  const prepared = prepareMachine(options.checkout, report);
  const [onlyLastTests, openProduction] = gate();
  const { checkout } = options;
  const ofLocal: Steps = async function* (environment) {
    const isComplete = local?.length === 0;
    if (local !== undefined) yield await testsStep(environment, checkout, configs.local, isComplete ? "first" : local);
    openProduction();
    if (isComplete) yield await testsStep(environment, checkout, configs.local, "last");
    if (policies) yield policiesStep(environment, checkout);
  };
  const ofProduction: Steps = async function* (environment) {
    yield await testsStep(environment, checkout, configs.production, production ?? []);
  };
  const suites: { readonly suite: Suite; readonly after?: Promise<void> }[] = [];
  if (local !== undefined || policies) suites.push({ suite: { target: targets.local, steps: ofLocal } });
  if (production !== undefined) {
    const after = suites.length > 0 ? onlyLastTests : undefined;
    suites.push({ suite: { target: targets.production, steps: ofProduction }, ...(after && { after }) });
  }
  return suites.map(async function* ({ suite, after }, index) {
    const skipped = await prepared;
    if (skipped !== undefined) {
      if (index === 0) yield skipped;
      return;
    }
    await after;
    try {
      yield* suiteSteps(suite, { checkout, report, keep: options.keep && index === suites.length - 1 });
    } finally {
      openProduction();
    }
  });
}

/** A promise, and the function that resolves it. */
function gate(): [Promise<void>, () => void] {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return [opened, open];
}

/** Removes the clusters of earlier runs. Returns the step to run instead of the tests if this machine cannot host them. */
async function prepareMachine(checkout: string, report: ScreenReporter): Promise<Step | undefined> {
  const problems = await preflight(stateDirectory(targets.local.name));
  const skipped = skippedStep(checkout, problems, Object.values(configs));
  if (skipped !== undefined) return skipped;
  for (const { name } of Object.values(targets)) await stop(clusterOptions(name, report));
  return undefined;
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
    yield* steps(environment);
    if (!keep) {
      const name = `host cleanup after stack ${target.stack}`;
      yield { name, run: async (log) => verifyCleanup(checkout, cluster, before, log) };
    }
  } finally {
    // Also if the tests are interrupted. No-op if the cluster is already removed.
    if (!keep) await stop(cluster);
  }
}

/** Which tests of a stack: those that run before the last ones, the last ones, or the first one and the named ones. */
type Part = "first" | "last" | readonly string[];

function argumentsFor(part: Part): string[] {
  const files = `/(${lastTests.join("|")})\\.test\\.ts$`;
  if (part === "first") return [`--testPathIgnorePatterns=${files}`];
  if (part === "last") return [files];
  return part.length === 0 ? [] : ["provision", ...part];
}

async function testsStep(environment: Environment, checkout: string, config: string, part: Part): Promise<Step> {
  const session = join(environment.stateDir, "session.json");
  writeFileSync(session, JSON.stringify(await sessionOf(environment, checkout), undefined, 2));
  const env = { ...process.env, [sessionVariable]: session };
  const name = `end-to-end tests of stack ${environment.target.stack}`;
  return {
    name: part === "last" ? `last ${name}` : name,
    run: async (log) => runJest({ cwd: checkout, config, args: argumentsFor(part), env, log, echo: true }),
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
