import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { type Environment, pulumiEnvironment } from "../../launcher/environment.ts";
import { checkout } from "../../launcher/versions.ts";
import { succeed } from "../e2e/command.ts";
import { separateProject } from "../e2e/separate-project.ts";
import { inTurns, type Measurement, timed } from "./measure.ts";
import { bareConfigMaps } from "./bare-configmaps.ts";

const rounds = 7;
const limit = 1.5;

interface Size {
  readonly objects: number;
  /** Duration of a preview in seconds, here and for `bare`. */
  readonly layer: () => Promise<number>;
  readonly bare: () => Promise<number>;
}

/**
 * Preview time per added object, compared with a bare ConfigMap. Compares a configuration with one that has ten times
 * as many topics, users, brokers and Redis masters. The stacks are empty: every object is to be created.
 */
export async function growth(environment: Environment): Promise<Measurement> {
  const plain = await size(environment, "plain", 1);
  const tenfold = await size(environment, "tenfold", 10);
  const measured = await inTurns(rounds, {
    plain: plain.layer,
    barePlain: plain.bare,
    tenfold: tenfold.layer,
    bareTenfold: tenfold.bare,
  });
  const added = tenfold.objects - plain.objects;
  const layer = (1000 * (measured.tenfold - measured.plain)) / added;
  const bare = (1000 * (measured.bareTenfold - measured.barePlain)) / added;
  return {
    name: `preview time per added object, ${plain.objects} to ${tenfold.objects} objects, vs. a bare ConfigMap`,
    measured: `${layer.toFixed(1)} ms = ${(layer / bare).toFixed(2)} x`,
    limit: `${limit} x ${bare.toFixed(1)} ms`,
    ratio: layer / (limit * bare),
  };
}

async function size(environment: Environment, stack: string, times: number): Promise<Size> {
  const config = configuration(environment, times);
  const options = separateProject(environment.stateDir, pulumiEnvironment(environment), {
    program: checkout,
    stack,
    config,
  });
  await succeed("pulumi", ["stack", "init", stack, "--no-select", "--non-interactive"], options);
  const preview = ["preview", "--non-interactive"];
  const { steps } = JSON.parse(await succeed("pulumi", [...preview, "--json"], options)) as {
    steps: readonly { newState: { type: string } }[];
  };
  const objects = steps.filter(({ newState }) => newState.type.startsWith("kubernetes:")).length;
  const bareStack = `bare-${stack}`;
  const bare = bareConfigMaps(environment, bareStack, objects);
  await bare("stack", "init", bareStack);
  return { objects, layer: () => timed("pulumi", preview, options), bare: () => bare("preview") };
}

/** The running stack's configuration, with `times` times 10 topics, 10 users, 3 brokers and 3 Redis masters. */
function configuration({ configFile }: Environment, times: number): Record<string, object> {
  const { config } = parse(readFileSync(configFile, "utf8")) as { config: Record<string, object> };
  const named = <T>(prefix: string, value: T): Record<string, T> =>
    Object.fromEntries(Array.from({ length: 10 * times }, (_, number) => [`${prefix}-${number}`, value]));
  const [kafka, redis] = ["bana-data-layer:kafka", "bana-data-layer:redis"];
  const topics = named("topic", { partitions: 3 });
  return {
    ...config,
    [kafka]: { ...config[kafka], brokers: 3 * times, topics, users: named("user", {}) },
    [redis]: { ...config[redis], masters: 3 * times },
  };
}
