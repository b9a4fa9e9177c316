import { type Environment, pulumiEnvironment } from "../../launcher/environment.ts";
import { mandatoryPolicies } from "../../launcher/policy-pack.ts";
import { checkout } from "../../launcher/versions.ts";
import { state } from "../e2e/stack.ts";
import { inTurns, type Measurement, timed, timesAsLong } from "./measure.ts";
import { bareConfigMaps } from "./bare-configmaps.ts";

const rounds = 7;

/**
 * Previews without changes, compared with a stack of as many ConfigMaps; previews with the policy pack and updates
 * without changes, compared with those previews. An update is `pulumi up --skip-preview`, which does not run a preview
 * first.
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
  const measured = await inTurns(rounds, {
    preview: () => stack("preview"),
    bare: () => bare("preview", "--expect-no-changes"),
    up: () => stack("up", "--yes", "--skip-preview"),
    withPolicies: () => stack("preview", ...mandatoryPolicies),
  });
  await bare("destroy", "--yes", "--skip-preview");
  const others = resources.length - objects;
  return [
    timesAsLong(
      `preview of ${objects} objects and ${others} other resources, vs. ${objects} bare ConfigMaps`,
      measured.preview,
      1.4,
      measured.bare,
    ),
    timesAsLong("up without changes, vs. preview", measured.up, 1.3, measured.preview),
    timesAsLong("preview with the policy pack, vs. without", measured.withPolicies, 1.3, measured.preview),
  ];
}
