import { openClusterApi } from "../../launcher/cluster-api.ts";
import { findDrift } from "../../launcher/drift/drift.ts";
import { type Environment, pulumiEnvironment } from "../../launcher/environment.ts";
import { mandatoryPolicies } from "../../launcher/policy-pack.ts";
import { exportedState, stackState } from "../../launcher/stack.ts";
import { checkout } from "../../launcher/versions.ts";
import { state } from "../e2e/stack.ts";
import { inTurns, type Measurement, timed, timesAsLong } from "./measure.ts";
import { bareConfigMaps } from "./bare-configmaps.ts";

const rounds = 7;

/**
 * Previews without changes, compared with a stack of as many ConfigMaps; previews with the policy pack and updates
 * without changes, compared with those previews. An update is `pulumi up --skip-preview`, which does not run a preview
 * first. And previews while the cluster is compared with the stack, as `npm start` runs them, compared with previews
 * alone.
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
  const exported = stackState(environment, await exportedState(environment));
  const compare = async (): Promise<void> => {
    const drift = await findDrift(await openClusterApi(environment.cluster), exported);
    if (drift.length > 0) throw new Error(`objects differ from the stack: ${JSON.stringify(drift)}`);
  };
  const measured = await inTurns(rounds, {
    preview: () => stack("preview"),
    bare: () => bare("preview", "--expect-no-changes"),
    up: () => stack("up", "--yes", "--skip-preview"),
    withPolicies: () => stack("preview", ...mandatoryPolicies),
    withComparison: async () => (await Promise.all([stack("preview"), compare()]))[0],
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
    timesAsLong("preview with the drift check beside it, vs. alone", measured.withComparison, 1.1, measured.preview),
  ];
}
