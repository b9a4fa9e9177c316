import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { type Environment, pulumiEnvironment } from "../../launcher/environment.ts";
import { checkout } from "../../launcher/versions.ts";
import { succeed } from "../e2e/command.ts";
import { inTurns, type Measurement, timed } from "./measure.ts";
import { projectApart } from "../e2e/project-apart.ts";
import { bareConfigMaps } from "./bare-configmaps.ts";

const rounds = 7;
const limit = 1.5;

interface Size {
  readonly objects: number;
  /** Seconds of a preview. */
  readonly layer: () => Promise<number>;
  readonly bare: () => Promise<number>;
}

/**
 * What an object adds to the time of a preview, from a configuration to one with ten times as many topics, users, brokers and
 * Redis masters, against a bare ConfigMap. The stacks are not there yet: every object is one to create.
 */
export async function growth(environment: Environment): Promise<Measurement> {
  const plain = await size(environment, "plain", 1);
  const tenfold = await size(environment, "tenfold", 10);
  const found = await inTurns(rounds, {
    plain: plain.layer,
    barePlain: plain.bare,
    tenfold: tenfold.layer,
    bareTenfold: tenfold.bare,
  });
  const added = tenfold.objects - plain.objects;
  const layer = (1000 * (found.tenfold - found.plain)) / added;
  const bare = (1000 * (found.bareTenfold - found.barePlain)) / added;
  return {
    what: `each object more in a preview, from ${plain.objects} to ${tenfold.objects}, against a bare ConfigMap`,
    found: `${layer.toFixed(1)} ms = ${(layer / bare).toFixed(2)} x`,
    limit: `${limit} x ${bare.toFixed(1)} ms`,
    ratio: layer / (limit * bare),
  };
}

async function size(environment: Environment, stack: string, times: number): Promise<Size> {
  const config = configuration(environment, times);
  const options = projectApart(environment.stateDir, pulumiEnvironment(environment), {
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

/** The configuration of the stack that is up, with so many times ten topics and users, and three brokers and Redis masters. */
function configuration({ configFile }: Environment, times: number): Record<string, object> {
  const { config } = parse(readFileSync(configFile, "utf8")) as { config: Record<string, object> };
  const named = <T>(what: string, value: T): Record<string, T> =>
    Object.fromEntries(Array.from({ length: 10 * times }, (_, number) => [`${what}-${number}`, value]));
  const [kafka, redis] = ["bana-data-layer:kafka", "bana-data-layer:redis"];
  const topics = named("topic", { partitions: 3 });
  return {
    ...config,
    [kafka]: { ...config[kafka], brokers: 3 * times, topics, users: named("user", {}) },
    [redis]: { ...config[redis], masters: 3 * times },
  };
}
