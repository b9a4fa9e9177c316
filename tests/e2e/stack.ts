import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { attempt, type CommandOptions, failure, type Result, succeed } from "./command.ts";
import { session } from "./session.ts";

/** A step of Pulumi's plan, as `pulumi preview --json` reports it. */
export interface PlannedStep {
  /** `create`, `update`, `replace`, `delete`, `same`, ... */
  readonly op: string;
  readonly urn: string;
  /** Differences by property path. */
  readonly detailedDiff: Readonly<Record<string, unknown>> | null;
}

/** A resource in Pulumi's state. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
}

/** Pulumi's state of the stack. */
export interface StackState {
  readonly resources: readonly StateResource[];
  readonly pendingOperations: readonly object[];
}

/** A command line with its options. */
export interface PulumiCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly options: CommandOptions;
}

/** The command line that runs Pulumi on the stack. `configFile` replaces the session's configuration. */
export function pulumiCommand(args: readonly string[], configFile?: string): PulumiCommand {
  const { pulumi, checkout } = session();
  const chosen = configFile === undefined ? {} : { PULUMI_OPTION_CONFIG_FILE: configFile };
  return {
    command: pulumi.command,
    args: [...args, "--non-interactive", "--color=never"],
    options: { cwd: checkout, env: { ...pulumi.env, ...chosen } },
  };
}

/** Runs Pulumi on the stack and returns its result even when it fails. */
export async function tryPulumi(args: readonly string[], configFile?: string): Promise<Result> {
  const line = pulumiCommand(args, configFile);
  return attempt(line.command, line.args, line.options);
}

/** Runs Pulumi on the stack; throws with its output when it fails. */
export async function pulumi(...args: string[]): Promise<string> {
  const result = await tryPulumi(args);
  if (result.code !== 0) throw new Error(failure(`pulumi ${args.join(" ")}`, result));
  return result.stdout;
}

/** Changes that `pulumi up` would make. */
export async function planned(): Promise<PlannedStep[]> {
  const { steps } = JSON.parse(await pulumi("preview", "--json")) as { steps: PlannedStep[] };
  // drops the old and new states, which would fill thousands of lines of a failed assertion
  const changes = steps.map(({ op, urn, detailedDiff }) => ({ op, urn, detailedDiff }));
  return changes.filter(({ op }) => op !== "same");
}

/**
 * Sets one value of the configuration; `path` is relative to the program's namespace, for example `postgresql.storage`.
 */
export async function configure(path: string, value: string, configFile?: string): Promise<void> {
  const { code, stderr } = await tryPulumi(["config", "set", "--path", `bana-data-layer:${path}`, value], configFile);
  if (code !== 0) throw new Error(`pulumi config set ${path}: ${stderr}`);
}

/** Sets one value of the configuration, encrypted. Pulumi reads it from its standard input. */
export async function configureSecret(path: string, value: string): Promise<void> {
  const line = pulumiCommand(["config", "set", "--secret", "--path", `bana-data-layer:${path}`]);
  await succeed(line.command, line.args, { ...line.options, input: value });
}

/** Removes one value of the configuration. */
export async function unset(path: string, configFile?: string): Promise<void> {
  const { code, stderr } = await tryPulumi(["config", "rm", "--path", `bana-data-layer:${path}`], configFile);
  if (code !== 0) throw new Error(`pulumi config rm ${path}: ${stderr}`);
}

/** A copy of the configuration that a test may change. */
export function copyOfConfiguration(name: string): string {
  const copy = join(session().stateDir, `Pulumi.${name}.yaml`);
  writeFileSync(copy, readFileSync(session().configFile));
  return copy;
}

/** The stack's outputs; `--show-secrets` gives the secret ones in plain text. */
export async function outputs(...options: string[]): Promise<Record<string, unknown>> {
  return JSON.parse(await pulumi("stack", "output", "--json", ...options)) as Record<string, unknown>;
}

/** Pulumi's state of the stack. */
export async function state(): Promise<StackState> {
  const { deployment } = JSON.parse(await pulumi("stack", "export")) as {
    deployment: { resources?: StateResource[]; pending_operations?: object[] };
  };
  return { resources: deployment.resources ?? [], pendingOperations: deployment.pending_operations ?? [] };
}
