/**
 * `npm run bench`: measures the project's performance and prints it with its limits. Exceeding a limit is not an error,
 * but losing data is.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { clusterOptions, type Environment, openEnvironment, pulumiEnvironment } from "../../launcher/environment.ts";
import { screenReporter } from "../../launcher/report.ts";
import { defaultStack, type Target } from "../../launcher/target.ts";
import { checkout } from "../../launcher/versions.ts";
import { status } from "../../local/index.ts";
import { clusterId } from "../../local/node/spec.ts";
import { type Session, sessionVariable } from "../e2e/session.ts";
import { codec } from "./codec.ts";
import { failover } from "./failover.ts";
import { growth } from "./growth.ts";
import { inTurns, type Measurement, seconds, table, timed } from "./measure.ts";
import { kafka } from "./kafka.ts";
import { memory } from "./memory.ts";
import { policyPack } from "./policy-pack.ts";
import { postgresql } from "./postgresql.ts";
import { previews } from "./previews.ts";
import { provisioning } from "./provisioning.ts";
import { redis } from "./redis.ts";
import { redisFailover } from "./redis-failover.ts";
import { sessionReset } from "./session-reset.ts";

/** The benchmark's own clusters and stacks, separate from those of `npm start`. */
const local: Target = { name: "bench", stack: defaultStack };
const production: Target = { name: "bench-production", stack: "local-production" };
const idleSeconds = 60;

const report = screenReporter(join(checkout, ".state", "bench-logs"));
const launcher = (command: string, { name }: Target, ...options: readonly string[]): Promise<number> =>
  timed(process.execPath, [join(checkout, "launcher", "bootstrap.mjs"), command, "--state", name, ...options]);
const start = (target: Target): Promise<number> => launcher("start", target, "--stack", target.stack);

/** Measurements on a running stack. */
interface Part {
  readonly title: string;
  /** @default local */
  readonly target?: Target;
  readonly run: (environment: Environment) => Promise<Measurement[]>;
}

/** By their names on the command line. */
const parts: Readonly<Record<string, Part>> = {
  start: {
    title: "npm start with everything up",
    run: async () => {
      const { again } = await inTurns(3, { again: () => start(local) });
      return [seconds("npm start with everything up", again, 10)];
    },
  },
  memory: {
    title: `Memory after ${idleSeconds} s idle`,
    run: async ({ stateDir }) => {
      await sleep(idleSeconds * 1000);
      return memory(clusterId(stateDir));
    },
  },
  previews: { title: "Previews and updates without changes", run: previews },
  growth: { title: "Previews at ten times the size", run: async (environment) => [await growth(environment)] },
  policies: { title: "Policy pack", run: policyPack },
  provisioning: { title: "Provisioning on an empty cluster", run: async () => [await provisioning()] },
  redis: { title: "redis-benchmark", run: redis },
  postgresql: { title: "pgbench", run: postgresql },
  pooler: { title: "pgbench with and without session reset", run: sessionReset },
  kafka: { title: "kafka-producer-perf-test", run: kafka },
  codec: { title: "Codecs of change events", run: codec },
  failover: { title: "Failovers of PostgreSQL", target: production, run: () => failover() },
  "redis-failover": { title: "Failovers of Redis", target: production, run: () => redisFailover() },
};

const help = `Usage: npm run bench [-- PART ...]

Runs on a separate cluster ("${local.name}") and removes it at the end. Measures npm start with the cluster down (tools and
images cached) and the given parts, by default all:
  start         npm start with everything up
  memory        memory of the idle cluster's own processes (without those of pods)
  previews      pulumi preview without changes, compared with a program of as many bare ConfigMaps and the same plugins;
                pulumi up without changes, and pulumi preview with the policy pack or with npm start's drift check
                beside it, compared with that preview
  growth        time that each object adds to pulumi preview, compared with a bare ConfigMap, for ten times as many
                topics, users, brokers and Redis masters
  policies      start of the policy pack, and evaluation of a large stack
  provisioning  pulumi up on an empty cluster until all is Ready, compared with kubectl apply of the same objects
  redis         redis-benchmark with pipelines of 1 and 16, compared with the same servers in plain pods
  postgresql    pgbench, compared with the same server in a plain pod; through PgBouncer, compared with directly
  pooler        pgbench through PgBouncer with session reset (pgbouncer.resetSession), compared with without
  kafka         kafka-producer-perf-test, compared with the same servers in plain pods
  codec         kafka-producer-perf-test with change events, compressed with gzip and lz4, compared with no compression
  failover      loss of PostgreSQL's primary in three ways, ten times each, while a client writes through the pooler:
                time without writes, acknowledged rows that are lost, and those without a change event. Runs on a
                cluster of stack ${production.stack} ("${production.name}")
  redis-failover  loss of a master of Redis, ten times, while a client writes: the same, on the same cluster

The exit code is 1 if a benchmark fails or data is lost. Exceeding other limits is not an error.
`;

async function main(args: readonly string[]): Promise<void> {
  if (args.some((argument) => !(argument in parts))) {
    process.stdout.write(help);
    return;
  }
  const selected = Object.entries(parts).flatMap(([name, part]) =>
    args.length === 0 || args.includes(name) ? [part] : [],
  );
  const measurements: Measurement[] = [];
  try {
    for (const target of [local, production]) {
      const own = selected.filter((part) => (part.target ?? local) === target);
      if (own.length > 0) await measureOn(target, own, measurements);
    }
  } finally {
    process.stdout.write(`\n${table(measurements)}\n`);
  }
  if (measurements.some(({ isRequired, ratio }) => isRequired === true && ratio > 1)) process.exitCode = 1;
}

/** Measures the parts on a cluster of their own, which is removed at the end. */
async function measureOn(target: Target, selected: readonly Part[], measurements: Measurement[]): Promise<void> {
  await report.phase("Removing the cluster of an earlier run", () => launcher("down", target));
  try {
    const warm = await report.phase(`npm start, stack ${target.stack}, cluster down`, () => start(target));
    if (target === local) measurements.push(seconds("npm start, tools and images cached, cluster down", warm, 180));
    const environment = await startedEnvironment(target);
    for (const { title, run } of selected) measurements.push(...(await report.phase(title, () => run(environment))));
  } finally {
    await report.phase("Removing the cluster", () => launcher("down", target));
  }
}

/** The running cluster's environment, which from now on is also the session of the end-to-end tests' helpers. */
async function startedEnvironment(target: Target): Promise<Environment> {
  const { pid, cluster } = await status(clusterOptions(target.name, report));
  if (pid === undefined || cluster === undefined) throw new Error("the cluster is not running");
  const environment = await openEnvironment(target, cluster, report);
  const { stateDir, configFile } = environment;
  const pulumi = { command: "pulumi", env: pulumiEnvironment(environment) };
  const session: Session = { cluster, checkout, stateDir, configFile, node: pid, pulumi, mandatoryPolicies: [] };
  const file = join(stateDir, "session.json");
  writeFileSync(file, JSON.stringify(session), { mode: 0o600 });
  process.env[sessionVariable] = file;
  return environment;
}

await main(process.argv.slice(2));
