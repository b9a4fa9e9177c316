/** `npm run bench`: how fast the project is, as ratios to its limits, measured in one run. It fails on no number. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { clusterOptions, type Environment, openEnvironment, pulumiEnvironment } from "../../launcher/environment.ts";
import { screenReporter } from "../../launcher/report.ts";
import { checkout } from "../../launcher/versions.ts";
import { status } from "../../local/index.ts";
import { clusterId } from "../../local/node/spec.ts";
import { type Session, sessionVariable } from "../e2e/session.ts";
import { growth } from "./growth.ts";
import { inTurns, type Measurement, seconds, table, timed } from "./measure.ts";
import { kafka } from "./kafka.ts";
import { memory } from "./memory.ts";
import { policyPack } from "./policy-pack.ts";
import { postgresql } from "./postgresql.ts";
import { previews } from "./previews.ts";
import { provisioning } from "./provisioning.ts";
import { redis } from "./redis.ts";

/** A cluster and stack of its own: that of `npm start` is left alone. */
const name = "bench";
const idleSeconds = 60;

const report = screenReporter(join(checkout, ".state", "bench-logs"));
const launcher = (command: string): Promise<number> =>
  timed(process.execPath, [join(checkout, "launcher", "bootstrap.mjs"), command, "--state", name]);

/** What can be measured on a stack that is up, by the names that the command line knows. */
const parts: Readonly<Record<string, { title: string; run: (environment: Environment) => Promise<Measurement[]> }>> = {
  start: {
    title: "npm start, all up",
    run: async () => {
      const { again } = await inTurns(3, { again: () => launcher("start") });
      return [seconds("npm start, all up", again, 10)];
    },
  },
  memory: {
    title: `Memory, after ${idleSeconds} s of rest`,
    run: async ({ stateDir }) => {
      await sleep(idleSeconds * 1000);
      return memory(clusterId(stateDir));
    },
  },
  previews: { title: "Previews and updates without changes", run: previews },
  growth: { title: "Previews of ten times as much", run: async (environment) => [await growth(environment)] },
  policies: { title: "Policy pack", run: policyPack },
  provisioning: { title: "From an empty cluster to all Ready", run: async () => [await provisioning()] },
  redis: { title: "redis-benchmark", run: redis },
  postgresql: { title: "pgbench", run: postgresql },
  kafka: { title: "kafka-producer-perf-test", run: kafka },
};

const help = `Usage: npm run bench [-- PART ...]

Measures, on a cluster of its own ("${name}") that it takes down at the end, how long npm start takes from a stopped cluster
(with tools and images in the cache), and these parts; all of them when none is named:
  start         npm start when all is up
  memory        memory of the idle cluster's own processes (without those of pods)
  previews      pulumi preview without changes against a program of as many bare ConfigMaps under the same plugins; pulumi
                up without changes, and pulumi preview with the policy pack, against that preview
  growth        what an object more adds to pulumi preview, with ten times as many topics, users, brokers and Redis
                masters, against a bare ConfigMap more
  policies      start of the policy pack, and the judgement of a large stack
  provisioning  pulumi up on an empty cluster until all is Ready, against kubectl apply of the same objects
  redis         redis-benchmark against the same servers in pods without the layer, one command at a time and sixteen
  postgresql    pgbench, likewise, and through PgBouncer against directly
  kafka         kafka-producer-perf-test, likewise
`;

async function main(args: readonly string[]): Promise<void> {
  if (args.some((argument) => !(argument in parts))) {
    process.stdout.write(help);
    return;
  }
  const chosen = Object.entries(parts).filter(([part]) => args.length === 0 || args.includes(part));
  const measured: Measurement[] = [];
  await report.phase("Taking down what an earlier run left", () => launcher("down"));
  try {
    const warm = await report.phase("npm start, cluster down", () => launcher("start"));
    measured.push(seconds("npm start, tools and images cached, cluster down", warm, 180));
    const environment = await startedEnvironment();
    for (const [, { title, run }] of chosen) measured.push(...(await report.phase(title, () => run(environment))));
  } finally {
    await report.phase("Taking the cluster down", () => launcher("down"));
    process.stdout.write(`\n${table(measured)}\n`);
  }
}

/** The environment of the cluster that runs; the helpers of the end-to-end tests work in it from now on. */
async function startedEnvironment(): Promise<Environment> {
  const { pid, cluster } = await status(clusterOptions(name, report));
  if (pid === undefined || cluster === undefined) throw new Error("the cluster has gone");
  const environment = await openEnvironment({ name }, cluster, report);
  const { stateDir, configFile } = environment;
  const pulumi = { command: "pulumi", env: pulumiEnvironment(environment) };
  const session: Session = { cluster, checkout, stateDir, configFile, node: pid, pulumi, mandatoryPolicies: [] };
  const file = join(stateDir, "session.json");
  writeFileSync(file, JSON.stringify(session), { mode: 0o600 });
  process.env[sessionVariable] = file;
  return environment;
}

await main(process.argv.slice(2));
