import { join } from "node:path";
import { type Environment, pulumiEnvironment } from "../../launcher/environment.ts";
import { separateProject } from "../e2e/separate-project.ts";
import { timed } from "./measure.ts";

/**
 * Runs Pulumi on a program of ConfigMaps, with the same plugins and cluster. Each call returns its duration in seconds.
 */
export function bareConfigMaps(
  environment: Environment,
  stack: string,
  count: number,
): (...args: readonly string[]) => Promise<number> {
  const { context } = environment.cluster;
  const options = separateProject(environment.stateDir, pulumiEnvironment(environment), {
    program: join(import.meta.dirname, "configmaps"),
    stack,
    config: { "bench-configmaps:context": context, "bench-configmaps:count": count },
  });
  return (...args) => timed("pulumi", [...args, "--non-interactive"], options);
}
