/** What the policy pack costs: its start, a preview of stack staging held to it, and its judgement of a large stack. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parse } from "yaml";
import type { Environment } from "../../launcher/environment.ts";
import { mandatoryPolicies } from "../../launcher/policy-pack.ts";
import { checkout } from "../../launcher/versions.ts";
import { succeed } from "../e2e/command.ts";
import { inTurns, type Measurement, timed, timesAsLong } from "./measure.ts";
import { projectApart } from "./project-apart.ts";

const rounds = 7;
const pack = join(checkout, "policies");
const quickStart = join(checkout, "plugins", "quick-start.mjs");

export async function policyPack(environment: Environment): Promise<Measurement[]> {
  return [await boot(environment), await stagingPreview(environment), ...(await largeStack())];
}

/** From the start of its process to the port that the engine waits for, as the engine's language host starts it. */
async function boot({ stateDir }: Environment): Promise<Measurement> {
  const starter = createRequire(join(pack, "package.json")).resolve("@pulumi/pulumi/cmd/run-policy-pack");
  const env = { ...process.env, NODE_COMPILE_CACHE: join(stateDir, "compile-cache") };
  const untilFirstLine = async (...args: string[]): Promise<number> => {
    const begun = performance.now();
    const child = spawn(process.execPath, args, { cwd: pack, env, stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    const found = (performance.now() - begun) / 1000;
    child.kill();
    await once(child, "close");
    return found;
  };
  const start = () => untilFirstLine("--import", quickStart, starter, "127.0.0.1:1", ".");
  await start();
  const found = await inTurns(rounds, {
    pack: start,
    empty: () => untilFirstLine("--eval", "console.log()"),
  });
  const above = found.pack - found.empty;
  const what = "start of the policy pack, above an empty Node";
  return { what, found: `${above.toFixed(2)} s`, limit: "0.80 s", ratio: above / 0.8 };
}

/** Previews of a stack "staging" that is not there yet, on this cluster: every object is judged and created. */
async function stagingPreview(environment: Environment): Promise<Measurement> {
  const source = parse(readFileSync(join(checkout, "Pulumi.staging.yaml"), "utf8")) as {
    config: Record<string, object>;
  };
  const key = "bana-data-layer:cluster";
  const config = { ...source.config, [key]: { ...source.config[key], context: environment.cluster.context } };
  const options = projectApart(environment, { program: checkout, stack: "staging", config });
  await succeed("pulumi", ["stack", "init", "staging", "--no-select", "--non-interactive"], options);
  const preview = (...args: readonly string[]) => timed("pulumi", ["preview", "--non-interactive", ...args], options);
  const found = await inTurns(rounds, { with: () => preview(...mandatoryPolicies), without: () => preview() });
  await succeed("pulumi", ["stack", "rm", "staging", "--yes", "--non-interactive"], options);
  return timesAsLong("preview of staging with the policy pack, against without", found.with, 1.3, found.without);
}

/** The judgement alone of 2,000 workloads and as many network policies, and how it grows to twice as many: at most with objects times matching pairs. */
async function largeStack(): Promise<Measurement[]> {
  const judged = async (workloads: number) => {
    const args = [join(pack, "tests", "benchmark.mjs"), "judging", String(workloads)];
    return JSON.parse(await succeed(process.execPath, args, { cwd: pack })) as {
      wall: number;
      cpu: number;
      peak: number;
    };
  };
  const [full, twice] = [await judged(2000), await judged(4000)];
  const wall = full.wall / 1000;
  return [
    { what: "2,000 workloads and 2,000 policies judged", found: `${wall.toFixed(2)} s`, limit: "5 s", ratio: wall / 5 },
    { what: "its memory at its peak", found: `${full.peak.toFixed(0)} MiB`, limit: "512 MiB", ratio: full.peak / 512 },
    // Twice the objects have twice the matching pairs.
    timesAsLong("4,000 and 4,000 against them (processor)", twice.cpu / 1000, 4, full.cpu / 1000),
  ];
}
