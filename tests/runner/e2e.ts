import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { clusterOptions, type Environment, prepare, pulumiEnvironment } from "../../launcher/environment.ts";
import { mandatoryPolicies } from "../../launcher/policy-pack.ts";
import { screenReporter } from "../../launcher/report.ts";
import { type ClusterOptions, status, stop } from "../../local/index.ts";
import { clusterId, readSpec } from "../../local/node/spec.ts";
import { preflight } from "../../local/preflight.ts";
import { readStatus } from "../../local/supervisor/status.ts";
import { eventually } from "../e2e/eventually.ts";
import { type Session, sessionVariable } from "../e2e/session.ts";
import { difference, type HostState, hostState, packetFilterRules, processesOf } from "./host.ts";
import { runJest } from "./jest.ts";
import { skippedStep } from "./skipped.ts";
import { type Outcome, type Step, verdict } from "./step.ts";

/** Name of the cluster and the stack state of the end-to-end tests; `npm start` uses others. */
const name = "e2e";
const config = "jest.e2e.config.mjs";
const policiesConfig = "policies/jest.e2e.config.mjs";
/** The name that selects the policy pack's tests. */
const policies = "policies";

/** Options of the end-to-end tests. */
export interface EndToEndOptions {
  readonly checkout: string;
  /** Folder of the logs. */
  readonly logs: string;
  /** Parts of test file names, or "policies"; empty for all. Data layer tests always include the provisioning test. */
  readonly names: readonly string[];
  /** Keeps the cluster running at the end. */
  readonly keep: boolean;
}

/**
 * Steps of the end-to-end tests: create a cluster, run jest on it, remove the cluster and verify that nothing remains.
 * On a machine that cannot host the cluster, a single step reports every test as skipped, by name.
 */
export async function* endToEndSteps({ checkout, logs, names, keep }: EndToEndOptions): AsyncGenerator<Step> {
  const report = screenReporter(logs);
  const cluster = clusterOptions(name, report);

  const skipped = skippedStep(checkout, await preflight(cluster.stateDir), [config, policiesConfig]);
  if (skipped !== undefined) {
    yield skipped;
    return;
  }

  await stop(cluster);
  const before = hostState();
  try {
    let environment: Environment | undefined;
    yield {
      name: "create the embedded cluster",
      run: async () => {
        environment = await prepare(name, report);
        return passed;
      },
    };
    if (environment === undefined) return;
    const others = names.filter((each) => each !== policies);
    if (others.length > 0 || names.length === 0) yield await testsStep(environment, checkout, others);
    if (others.length < names.length || names.length === 0) yield policiesStep(environment, checkout);
    if (!keep) yield { name: "host cleanup", run: async (log) => verifyCleanup(checkout, cluster, before, log) };
  } finally {
    // Also if the tests are interrupted. No-op if the cluster is already removed.
    if (!keep) await stop(cluster);
  }
}

async function testsStep(environment: Environment, checkout: string, names: readonly string[]): Promise<Step> {
  const session = join(environment.stateDir, "session.json");
  writeFileSync(session, JSON.stringify(await sessionOf(environment, checkout), undefined, 2));
  const env = { ...process.env, [sessionVariable]: session };
  const args = names.length === 0 ? [] : ["provision", ...names];
  return {
    name: "end-to-end tests",
    run: async (log) => runJest({ cwd: checkout, config, args, env, log, echo: true }),
  };
}

/** The policy pack's tests, on the same cluster in separate namespaces. */
function policiesStep(environment: Environment, checkout: string): Step {
  const options = { cwd: checkout, config: policiesConfig, env: pulumiEnvironment(environment) };
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
  const command = [join(checkout, "launcher", "main.ts"), "down", "--state", name];
  const down = spawn(process.execPath, command, { stdio: "ignore" });
  const ended = once(down, "close");
  await eventually(() => readStatus(stateDir)?.phase === "stopping", { interval: 0.05 });
  down.kill("SIGKILL");
  await ended;
}

const passed: Outcome = { passed: 1, failed: 0, skipped: 0, shown: [] };

/** The environment in serializable form, for the test processes. */
async function sessionOf(environment: Environment, checkout: string): Promise<Session> {
  const { stateDir, configFile, report } = environment;
  const { pid, cluster } = await status(clusterOptions(name, report));
  if (pid === undefined || cluster === undefined) throw new Error("the embedded cluster is no longer running");
  const pulumi = { command: "pulumi", env: pulumiEnvironment(environment) };
  return { cluster, checkout, stateDir, configFile, node: pid, pulumi, mandatoryPolicies };
}
