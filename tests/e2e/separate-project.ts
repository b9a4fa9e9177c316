import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { CommandOptions } from "./command.ts";

/** A stack of a program, with its configuration. */
export interface StackOptions {
  /** Folder with the program's project file. */
  readonly program: string;
  readonly stack: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** Working directory and environment for `pulumi`, and the stack's configuration file. */
export type SeparateProject = Required<Pick<CommandOptions, "cwd" | "env">> & { readonly configFile: string };

/**
 * Creates a project file for a program in the state directory, and returns how to run `pulumi` there on a stack of it.
 * Pulumi writes the stack's salt next to the project file, and that must not end up in the checkout.
 */
export function separateProject(
  stateDir: string,
  env: NodeJS.ProcessEnv,
  { program, stack, config }: StackOptions,
): SeparateProject {
  const folder = join(stateDir, stack);
  mkdirSync(folder, { recursive: true });
  const project = parse(readFileSync(join(program, "Pulumi.yaml"), "utf8")) as { main: string };
  writeFileSync(join(folder, "Pulumi.yaml"), JSON.stringify({ ...project, main: join(program, project.main) }));
  const configFile = join(folder, `Pulumi.${stack}.yaml`);
  writeFileSync(configFile, JSON.stringify({ config }));
  return { cwd: folder, configFile, env: { ...env, PULUMI_STACK: stack, PULUMI_OPTION_CONFIG_FILE: configFile } };
}
