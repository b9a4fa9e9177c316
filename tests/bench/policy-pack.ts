/** Cost of the policy pack alone: its start, and the evaluation of a large stack. */
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

/**
 * Time from starting the pack's process, as the engine's language host does, to the port that it prints for the engine.
 */
async function boot(environment: Environment): Promise<Measurement> {
  const env = pulumiEnvironment(environment);
  const untilFirstLine = async (...args: readonly string[]): Promise<number> => {
    const begin = performance.now();
    const child = spawn(process.execPath, args, { cwd: pack, env, stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(child, "close");
    const [first] = (await Promise.race([once(child.stdout, "data"), ended])) as unknown[];
    const elapsed = (performance.now() - begin) / 1000;
    if (!Buffer.isBuffer(first)) throw new Error(`node ${args.join(" ")} ended without output`);
    child.kill();
    await ended;
    return elapsed;
  };
  const start = () => untilFirstLine(...packArguments(pack, "127.0.0.1:1"));
  await start();
  const measured = await inTurns(rounds, {
    pack: start,
    empty: () => untilFirstLine("--eval", "console.log()"),
  });
  const added = measured.pack - measured.empty;
  const name = "start of the policy pack, in addition to an empty Node program";
  return { name, measured: `${added.toFixed(2)} s`, limit: "0.80 s", ratio: added / 0.8 };
}

/** Evaluation of 2,000 workloads with 2,000 network policies, and its growth for twice as many. */
async function largeStack(): Promise<Measurement[]> {
  const evaluate = async (workloads: number) => {
    const args = [join(pack, "tests", "benchmark.mjs"), "judging", String(workloads)];
    return JSON.parse(await succeed(process.execPath, args, { cwd: pack })) as {
      wall: number;
      cpu: number;
      peak: number;
    };
  };
  const [full, twice] = [await evaluate(2000), await evaluate(4000)];
  const wall = full.wall / 1000;
  return [
    {
      name: "evaluation of 2,000 workloads and 2,000 policies",
      measured: `${wall.toFixed(2)} s`,
      limit: "5 s",
      ratio: wall / 5,
    },
    { name: "its peak memory", measured: `${full.peak.toFixed(0)} MiB`, limit: "512 MiB", ratio: full.peak / 512 },
    // Cost grows at most with objects times matching pairs, and both double.
    timesAsLong("evaluation of 4,000 and 4,000, vs. 2,000 and 2,000 (CPU time)", twice.cpu / 1000, 4, full.cpu / 1000),
  ];
}
