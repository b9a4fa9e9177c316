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

/** Name of the cluster and of the stack's state that the end-to-end tests use; `npm start` has others. */
const name = "e2e";
const config = "jest.e2e.config.mjs";
const policiesConfig = "policies/jest.e2e.config.mjs";
/** The word that chooses the policy pack's tests. */
const policies = "policies";

/** How the end-to-end tests are run. */
export interface EndToEndOptions {
  readonly checkout: string;
  /** Folder for logs. */
  readonly logs: string;
  /** Parts of names of test files, or "policies"; all when empty. The first file of the data layer's always runs with them. */
  readonly names: readonly string[];
  /** Leaves the cluster up at the end. */
  readonly keep: boolean;
}

/**
 * The end-to-end tests as steps: a cluster is started from nothing, jest runs the tests on it, and the cluster goes away without a
 * trace. On a machine that cannot host it, there is one step that reports all tests as skipped, each by its name.
 */
export async function* endToEndSteps({ checkout, logs, names, keep }: EndToEndOptions): AsyncGenerator<Step> {
  const report = screenReporter(logs);
  const cluster = clusterOptions(name, report);

  const instead = skippedStep(checkout, await preflight(cluster.stateDir), [config, policiesConfig]);
  if (instead !== undefined) {
    yield instead;
    return;
  }

  await stop(cluster);
  const before = hostState();
  try {
    let environment: Environment | undefined;
    yield {
      name: "embedded cluster from nothing",
      run: async () => {
        environment = await prepare(name, report);
        return passed;
      },
    };
    if (environment === undefined) return;
    const others = names.filter((each) => each !== policies);
    if (others.length > 0 || names.length === 0) yield await testsStep(environment, checkout, others);
    if (others.length < names.length || names.length === 0) yield policiesStep(environment, checkout);
    if (!keep)
      yield { name: "the host is as it was", run: async (log) => withoutTrace(checkout, cluster, before, log) };
  } finally {
    // also when the tests are interrupted; a cluster that is down already stays so
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

/** The policy pack's tests on the same cluster, in namespaces of their own beside the data layer. */
function policiesStep(environment: Environment, checkout: string): Step {
  const options = { cwd: checkout, config: policiesConfig, env: pulumiEnvironment(environment) };
  return {
    name: "end-to-end tests of the policies",
    run: async (log) => runJest({ ...options, log, echo: true }),
  };
}

/** Takes the cluster down, at the second attempt as somebody kills the first, and looks for what is left of it. */
async function withoutTrace(
  checkout: string,
  cluster: ClusterOptions,
  before: HostState,
  log: string,
): Promise<Outcome> {
  const { stateDir } = cluster;
  const id = clusterId(stateDir);
  const { nodeRootfs } = readSpec(stateDir).artifacts;
  await killDown(checkout, stateDir);
  await stop(cluster);
  const traces = [
    ...difference(before, hostState(), id),
    ...processesOf(id, stateDir),
    ...packetFilterRules(nodeRootfs),
    ...[stateDir, `${stateDir}.removed`].filter((path) => existsSync(path)).map((path) => `path ${path}`),
  ];
  writeFileSync(log, `${traces.join("\n")}\n`);
  return verdict(traces.length === 0, log);
}

/** Begins `npm run down`, and kills it while the cluster's servers end. */
async function killDown(checkout: string, stateDir: string): Promise<void> {
  const command = [join(checkout, "launcher", "main.ts"), "down", "--state", name];
  const down = spawn(process.execPath, command, { stdio: "ignore" });
  const ended = once(down, "close");
  await eventually(() => readStatus(stateDir)?.phase === "stopping", { interval: 0.05 });
  down.kill("SIGKILL");
  await ended;
}

const passed: Outcome = { passed: 1, failed: 0, skipped: 0, shown: [] };

/** What the tests need of the environment, in a form that another process can read. */
async function sessionOf(environment: Environment, checkout: string): Promise<Session> {
  const { stateDir, configFile, report } = environment;
  const { pid, cluster } = await status(clusterOptions(name, report));
  if (pid === undefined || cluster === undefined) throw new Error("the embedded cluster has gone");
  const pulumi = { command: "pulumi", env: pulumiEnvironment(environment) };
  return { cluster, checkout, stateDir, configFile, node: pid, pulumi, mandatoryPolicies };
}
