import { join } from "node:path";
import { type Environment, pulumiEnvironment } from "../../launcher/environment.ts";
import { projectApart } from "../e2e/project-apart.ts";
import { timed } from "./measure.ts";

/** Pulumi on a program of ConfigMaps, under the same plugins on the same cluster; each call returns the seconds it took. */
export function bareConfigMaps(
  environment: Environment,
  stack: string,
  count: number,
): (...args: readonly string[]) => Promise<number> {
  const { context } = environment.cluster;
  const options = projectApart(environment.stateDir, pulumiEnvironment(environment), {
    program: join(import.meta.dirname, "configmaps"),
    stack,
    config: { "bench-configmaps:context": context, "bench-configmaps:count": count },
  });
  return (...args) => timed("pulumi", [...args, "--non-interactive"], options);
}
