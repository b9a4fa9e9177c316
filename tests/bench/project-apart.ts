import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { type Environment, pulumiEnvironment } from "../../launcher/environment.ts";
import type { CommandOptions } from "../e2e/command.ts";
import { timed } from "./measure.ts";

/** A stack of a program, with a configuration of its own. */
export interface Apart {
  /** The folder with the program's project file. */
  readonly program: string;
  readonly stack: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * Makes a project file of a program in the state directory, and returns how `pulumi` is called there for a stack of it: Pulumi
 * writes the stack's salt beside the project file, and that is not to lie in the checkout.
 */
export function projectApart(environment: Environment, { program, stack, config }: Apart): CommandOptions {
  const folder = join(environment.stateDir, stack);
  mkdirSync(folder, { recursive: true });
  const project = parse(readFileSync(join(program, "Pulumi.yaml"), "utf8")) as { main: string };
  writeFileSync(join(folder, "Pulumi.yaml"), JSON.stringify({ ...project, main: join(program, project.main) }));
  const configFile = join(folder, `Pulumi.${stack}.yaml`);
  writeFileSync(configFile, JSON.stringify({ config }));
  const env = { ...pulumiEnvironment(environment), PULUMI_STACK: stack, PULUMI_OPTION_CONFIG_FILE: configFile };
  return { cwd: folder, env };
}

/** Pulumi on a program of ConfigMaps, under the same plugins on the same cluster; each call returns the seconds it took. */
export function bareConfigMaps(
  environment: Environment,
  stack: string,
  count: number,
): (...args: readonly string[]) => Promise<number> {
  const { context } = environment.cluster;
  const options = projectApart(environment, {
    program: join(import.meta.dirname, "configmaps"),
    stack,
    config: { "bench-configmaps:context": context, "bench-configmaps:count": count },
  });
  return (...args) => timed("pulumi", [...args, "--non-interactive"], options);
}
