/** What the policy pack costs by itself: its start, and its judgement of a large stack. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type Environment, pulumiEnvironment } from "../../launcher/environment.ts";
import { checkout } from "../../launcher/versions.ts";
import { packArguments } from "../../plugins/nodejs/policy-pack.ts";
import { succeed } from "../e2e/command.ts";
import { inTurns, type Measurement, timesAsLong } from "./measure.ts";

const rounds = 7;
const pack = join(checkout, "policies");

export async function policyPack(environment: Environment): Promise<Measurement[]> {
  return [await boot(environment), ...(await largeStack())];
}

/** From the start of its process to the port that the engine waits for, as the engine's language host starts it. */
async function boot(environment: Environment): Promise<Measurement> {
  const env = pulumiEnvironment(environment);
  const untilFirstLine = async (...args: readonly string[]): Promise<number> => {
    const begun = performance.now();
    const child = spawn(process.execPath, args, { cwd: pack, env, stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(child, "close");
    const [first] = (await Promise.race([once(child.stdout, "data"), ended])) as unknown[];
    const found = (performance.now() - begun) / 1000;
    if (!Buffer.isBuffer(first)) throw new Error(`node ${args.join(" ")} ended without a word`);
    child.kill();
    await ended;
    return found;
  };
  const start = () => untilFirstLine(...packArguments(pack, "127.0.0.1:1"));
  await start();
  const found = await inTurns(rounds, {
    pack: start,
    empty: () => untilFirstLine("--eval", "console.log()"),
  });
  const above = found.pack - found.empty;
  const what = "start of the policy pack, above an empty Node";
  return { what, found: `${above.toFixed(2)} s`, limit: "0.80 s", ratio: above / 0.8 };
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
