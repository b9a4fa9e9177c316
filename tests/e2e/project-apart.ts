import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { CommandOptions } from "./command.ts";

/** A stack of a program, with a configuration of its own. */
export interface Apart {
  /** The folder with the program's project file. */
  readonly program: string;
  readonly stack: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** How `pulumi` is called for a stack in a project of its own, and the stack's configuration file. */
export type ProjectApart = Required<Pick<CommandOptions, "cwd" | "env">> & { readonly configFile: string };

/**
 * Makes a project file of a program in the state directory, and returns how `pulumi` is called there for a stack of it: Pulumi
 * writes the stack's salt beside the project file, and that must not end up in the checkout.
 */
export function projectApart(
  stateDir: string,
  env: NodeJS.ProcessEnv,
  { program, stack, config }: Apart,
): ProjectApart {
  const folder = join(stateDir, stack);
  mkdirSync(folder, { recursive: true });
  const project = parse(readFileSync(join(program, "Pulumi.yaml"), "utf8")) as { main: string };
  writeFileSync(join(folder, "Pulumi.yaml"), JSON.stringify({ ...project, main: join(program, project.main) }));
  const configFile = join(folder, `Pulumi.${stack}.yaml`);
  writeFileSync(configFile, JSON.stringify({ config }));
  return { cwd: folder, configFile, env: { ...env, PULUMI_STACK: stack, PULUMI_OPTION_CONFIG_FILE: configFile } };
}
