import { join } from "node:path";
import { type Environment, pulumiEnvironment } from "../../launcher/environment.ts";
import { checkout } from "../../launcher/versions.ts";
import { state } from "../e2e/stack.ts";
import { inTurns, type Measurement, timed, timesAsLong } from "./measure.ts";
import { projectApart } from "./project-apart.ts";

const rounds = 7;

/**
 * Previews without changes of the stack, against those of as many ConfigMaps and against updates without changes. An
 * update is `pulumi up --skip-preview`, without the preview that `pulumi up` makes first.
 */
export async function previews(environment: Environment): Promise<Measurement[]> {
  const env = pulumiEnvironment(environment);
  const { resources } = await state();
  const objects = resources.filter(({ type }) => type.startsWith("kubernetes:")).length;
  const bare = bareConfigMaps(environment, objects);
  await bare("stack", "init", "bench");
  await bare("up", "--yes", "--skip-preview");
  const stack = (...args: string[]): Promise<number> =>
    timed("pulumi", [...args, "--expect-no-changes", "--non-interactive"], { cwd: checkout, env });
  const found = await inTurns(rounds, {
    preview: () => stack("preview"),
    bare: () => bare("preview", "--expect-no-changes"),
    up: () => stack("up", "--yes", "--skip-preview"),
  });
  await bare("destroy", "--yes", "--skip-preview");
  const others = resources.length - objects;
  return [
    timesAsLong(
      `preview of ${objects} objects and ${others} other resources, against ${objects} bare ConfigMaps`,
      found.preview,
      1.2,
      found.bare,
    ),
    timesAsLong("up without changes, against a preview", found.up, 1.3, found.preview),
  ];
}

/** Pulumi on a program of ConfigMaps, under the same plugins on the same cluster. */
function bareConfigMaps(environment: Environment, count: number): (...args: string[]) => Promise<number> {
  const { context } = environment.cluster;
  const options = projectApart(environment, {
    program: join(import.meta.dirname, "configmaps"),
    stack: "bench",
    config: { "bench-configmaps:context": context, "bench-configmaps:count": count },
  });
  return (...args) => timed("pulumi", [...args, "--non-interactive"], options);
}
