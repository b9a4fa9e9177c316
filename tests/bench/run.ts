/** `npm run bench`: how fast the project is, as ratios to its limits, measured in one run. It fails on no number. */
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { parse } from "yaml";
import { clusterOptions, existing, type Environment, pulumiEnvironment } from "../../launcher/environment.ts";
import { screenReporter } from "../../launcher/report.ts";
import { status } from "../../local/index.ts";
import { clusterId } from "../../local/node/spec.ts";

const checkout = resolve(import.meta.dirname, "..", "..");
/** A cluster and stack of its own: that of `npm start` is left alone. */
const name = "bench";
const rounds = 5;
const idleSeconds = 60;
const gibibyte = 2 ** 30;

const help = `Usage: npm run bench

Measures, on a cluster of its own ("${name}") that it takes down at the end:
  - npm start from a stopped cluster, with tools and images in the cache
  - npm start when all is up
  - pulumi preview of the stack without changes, against a program of as many bare ConfigMaps under the same plugins
  - memory of the idle cluster's own processes (without those of pods)
`;

interface Measurement {
  readonly what: string;
  readonly found: string;
  readonly limit: string;
  /** Found by limit: up to 1 is good. */
  readonly ratio: number;
}

async function main(args: readonly string[]): Promise<void> {
  if (args.length > 0) {
    process.stdout.write(help);
    return;
  }
  const report = screenReporter(join(checkout, ".state", "bench-logs"));
  const launcher = (command: string): Promise<number> =>
    timed(process.execPath, [join(checkout, "launcher", "bootstrap.mjs"), command, "--state", name]);
  const measured: Measurement[] = [];
  await report.phase("Taking down what an earlier run left", () => launcher("down"));
  try {
    const warm = await report.phase("npm start, cluster down", () => launcher("start"));
    measured.push(seconds("npm start, tools and images cached, cluster down", warm, 180));
    const again = await report.phase("npm start, all up", async () =>
      median(await repeated(3, () => launcher("start"))),
    );
    measured.push(seconds("npm start, all up", again, 10));

    const { pid, cluster } = await status(clusterOptions(name, report));
    if (pid === undefined || cluster === undefined) throw new Error("the cluster has gone");
    const environment = await existing({ name }, cluster, report);
    measured.push(await report.phase("Previews", () => previews(environment)));
    measured.push(
      ...(await report.phase(`Memory, after ${idleSeconds} s of rest`, async () => {
        await sleep(idleSeconds * 1000);
        return memory(clusterId(environment.stateDir));
      })),
    );
  } finally {
    await report.phase("Taking the cluster down", () => launcher("down"));
    process.stdout.write(`\n${table(measured)}\n`);
  }
}

/** Previews without changes of the stack and of as many ConfigMaps, in turns. */
async function previews(environment: Environment): Promise<Measurement> {
  const stackEnv = pulumiEnvironment(environment);
  const objects = await objectsOf(stackEnv);
  const program = join(import.meta.dirname, "configmaps");
  // Pulumi writes the stack's salt beside its project file, which therefore does not lie in the checkout.
  const folder = join(environment.stateDir, "configmaps");
  mkdirSync(folder, { recursive: true });
  const project = parse(readFileSync(join(program, "Pulumi.yaml"), "utf8")) as object;
  writeFileSync(join(folder, "Pulumi.yaml"), JSON.stringify({ ...project, main: join(program, "index.ts") }));
  const configFile = join(folder, "Pulumi.bench.yaml");
  const env = { ...stackEnv, PULUMI_STACK: "bench", PULUMI_OPTION_CONFIG_FILE: configFile };
  writeFileSync(
    configFile,
    JSON.stringify({
      config: { "bench-configmaps:context": environment.cluster.context, "bench-configmaps:count": objects },
    }),
  );
  const pulumi = (...args: string[]): Promise<number> =>
    timed("pulumi", [...args, "--cwd", folder, "--non-interactive"], env);
  await pulumi("stack", "init", "bench");
  await pulumi("up", "--yes", "--skip-preview");

  const times: { stack: number; bare: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    times.push({
      stack: await timed(
        "pulumi",
        ["preview", "--expect-no-changes", "--cwd", checkout, "--non-interactive"],
        stackEnv,
      ),
      bare: await pulumi("preview", "--expect-no-changes"),
    });
  }
  await pulumi("destroy", "--yes", "--skip-preview");
  const [stack, bare] = [median(times.map((time) => time.stack)), median(times.map((time) => time.bare))];
  return {
    what: `pulumi preview, against ${objects} bare ConfigMaps`,
    found: `${stack.toFixed(2)} s`,
    limit: `1.2 x ${bare.toFixed(2)} s`,
    ratio: stack / (1.2 * bare),
  };
}

/** How many Kubernetes objects the stack has. */
async function objectsOf(env: NodeJS.ProcessEnv): Promise<number> {
  const { stdout } = await promisify(execFile)("pulumi", ["stack", "export", "--cwd", checkout], {
    env,
    maxBuffer: 64 * 2 ** 20,
  });
  const { deployment } = JSON.parse(stdout) as { deployment: { resources: readonly { type: string }[] } };
  return deployment.resources.filter(({ type }) => type.startsWith("kubernetes:")).length;
}

/** Resident memory of the cluster's processes outside of pods; proportional shares count memory used together once. */
function memory(id: string): Measurement[] {
  const own = readdirSync("/proc").filter((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    const cgroups = read(`/proc/${entry}/cgroup`);
    return cgroups.includes(id) && !cgroups.includes("/kubepods");
  });
  const sum = (file: string, field: string): number =>
    own.reduce(
      (total, pid) =>
        total + 1024 * Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(read(`/proc/${pid}/${file}`))?.[1] ?? 0),
      0,
    );
  const line = (what: string, bytes: number): Measurement => ({
    what,
    found: `${(bytes / gibibyte).toFixed(2)} GiB`,
    limit: "1.50 GiB",
    ratio: bytes / (1.5 * gibibyte),
  });
  return [
    line(`memory of ${own.length} idle processes (resident)`, sum("status", "VmRSS")),
    line("the same, shared memory counted once", sum("smaps_rollup", "Pss")),
    line("the same, sum of every process's peak", sum("status", "VmHWM")),
  ];
}

/** Content of a process's file; empty when the process has ended. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Seconds that a command takes; throws with its output when it fails. */
async function timed(command: string, args: readonly string[], env = process.env): Promise<number> {
  const begun = performance.now();
  await promisify(execFile)(command, args, { cwd: checkout, env, maxBuffer: 64 * 2 ** 20 });
  return (performance.now() - begun) / 1000;
}

async function repeated(times: number, measure: () => Promise<number>): Promise<number[]> {
  const all: number[] = [];
  for (let time = 0; time < times; time++) all.push(await measure());
  return all;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function seconds(what: string, found: number, limit: number): Measurement {
  return { what, found: `${found.toFixed(1)} s`, limit: `${limit} s`, ratio: found / limit };
}

function table(measured: readonly Measurement[]): string {
  const rows = [
    ["", "found", "limit", "ratio"],
    ...measured.map(({ what, found, limit, ratio }) => [what, found, limit, ratio.toFixed(2)]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join("  "),
    )
    .join("\n");
}

await main(process.argv.slice(2));
