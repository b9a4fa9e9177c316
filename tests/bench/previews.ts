import { type Environment, pulumiEnvironment } from "../../launcher/environment.ts";
import { mandatoryPolicies } from "../../launcher/policy-pack.ts";
import { checkout } from "../../launcher/versions.ts";
import { state } from "../e2e/stack.ts";
import { inTurns, type Measurement, timed, timesAsLong } from "./measure.ts";
import { bareConfigMaps } from "./bare-configmaps.ts";

const rounds = 7;

/**
 * Previews without changes of the stack, against those of as many ConfigMaps, those held to the policy pack, and updates without
 * changes. An update is `pulumi up --skip-preview`, without the preview that `pulumi up` makes first.
 */
export async function previews(environment: Environment): Promise<Measurement[]> {
  const env = pulumiEnvironment(environment);
  const { resources } = await state();
  const objects = resources.filter(({ type }) => type.startsWith("kubernetes:")).length;
  const bare = bareConfigMaps(environment, "bench", objects);
  await bare("stack", "init", "bench");
  await bare("up", "--yes", "--skip-preview");
  const stack = (...args: readonly string[]): Promise<number> =>
    timed("pulumi", [...args, "--expect-no-changes", "--non-interactive"], { cwd: checkout, env });
  const found = await inTurns(rounds, {
    preview: () => stack("preview"),
    bare: () => bare("preview", "--expect-no-changes"),
    up: () => stack("up", "--yes", "--skip-preview"),
    held: () => stack("preview", ...mandatoryPolicies),
  });
  await bare("destroy", "--yes", "--skip-preview");
  const others = resources.length - objects;
  return [
    timesAsLong(
      `preview of ${objects} objects and ${others} other resources, against ${objects} bare ConfigMaps`,
      found.preview,
      1.4,
      found.bare,
    ),
    timesAsLong("up without changes, against a preview", found.up, 1.3, found.preview),
    timesAsLong("preview with the policy pack, against without", found.held, 1.3, found.preview),
  ];
}
