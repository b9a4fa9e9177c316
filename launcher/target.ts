/** The target of a command: a cluster and the stack in it. */
import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { writeAtomically } from "../local/node/spec.ts";
import { stateNameOf } from "./contexts.ts";
import { requireRunnable } from "./stack-files.ts";
import { UsageError } from "./usage-error.ts";
import { checkout } from "./versions.ts";

/** The stack of a command without `--stack`. */
export const defaultStack = "local";

/** The cluster that a command uses, an embedded one or that of a kubeconfig context, and its stack. */
export interface Target {
  /** Name of the state directory in `.state`, and of the embedded cluster. */
  readonly name: string;
  /** A context of the user's kubeconfig. The launcher never starts or stops its cluster. */
  readonly context?: string;
  /** Name of the stack: its configuration is `Pulumi.STACK.yaml`. A state directory has one stack. */
  readonly stack: string;
}

/** State directory of a target: it holds both the cluster's data and Pulumi's state, and `npm run down` removes it. */
export function stateDirectory(name: string): string {
  return path.join(checkout, ".state", name);
}

/** Directory of Pulumi's files in a state directory. */
export function pulumiDirectory(name: string): string {
  return path.join(stateDirectory(name), "pulumi");
}

/** The values of the options that choose a target. */
export interface TargetOptions {
  readonly context?: string;
  readonly state?: string;
  readonly stack?: string;
}

/**
 * The target that options choose. The state directory has the name of the stack, unless `--state` or `--context` gives
 * another one; without `--stack`, the stack is the one that the state directory has.
 */
export function targetOf({ context, state, stack }: TargetOptions, stackIn = stackOfState): Target {
  if (context !== undefined && state !== undefined) throw new UsageError("Use --context or --state, not both");
  if (stack !== undefined) requireRunnable(stack, context !== undefined);
  const name = context === undefined ? (state ?? stack ?? defaultStack) : stateNameOf(context);
  const existing = stackIn(name);
  const target = { name, ...(context === undefined ? {} : { context }), stack: existing ?? stack ?? defaultStack };
  if (stack !== undefined && stack !== target.stack) throw new UsageError(otherStack(target, stack));
  return target;
}

function otherStack(target: Target, wanted: string): string {
  const { name, context, stack } = target;
  if (context !== undefined) {
    return (
      `Context ${context} has stack ${stack}, not ${wanted}: a cluster has one data layer. To replace it, destroy the ` +
      `data layer with "npm run pulumi -- --context ${context} destroy" and delete ${stateDirectory(name)}`
    );
  }
  return (
    `State ${name} has stack ${stack}, not ${wanted}. Choose another one with --state NAME, or remove it first: ` +
    withOptions("npm run down", target)
  );
}

const recordOf = (name: string) => path.join(pulumiDirectory(name), "stack");

/** The stack of a state directory; undefined before the first `npm start`. */
export function stackOfState(name: string): string | undefined {
  if (existsSync(recordOf(name))) return readFileSync(recordOf(name), "utf8").trim();
  // Versions without `--stack` did not record it.
  return existsSync(path.join(pulumiDirectory(name), "configuration")) ? defaultStack : undefined;
}

/** Creates a target's state directory, which from then on belongs to its stack. */
export async function createState({ name, stack }: Target): Promise<void> {
  await mkdir(pulumiDirectory(name), { recursive: true, mode: 0o700 });
  if (stackOfState(name) === undefined) await writeAtomically(recordOf(name), `${stack}\n`);
}

/** The options that select a target on the command line; none for the default one. */
export function targetOption({ name, context, stack }: Target): readonly string[] {
  const cluster = context !== undefined ? ["--context", context] : name === stack ? [] : ["--state", name];
  return [...cluster, ...(stack === defaultStack ? [] : ["--stack", stack])];
}

/** The command that starts an embedded cluster or updates a context's data layer, for messages. */
export function startHint(target: Target): string {
  return withOptions("npm start", target);
}

function withOptions(command: string, target: Target): string {
  const options = targetOption(target);
  return [command, ...(options.length === 0 ? [] : ["--", ...options])].join(" ");
}

/** The command that runs Pulumi on a target's stack, for messages. */
export function pulumiHint(target: Target, ...args: readonly string[]): string {
  return ["npm run pulumi --", ...targetOption(target), ...args].join(" ");
}

/** The command that runs kubectl on a target's cluster, for messages. */
export function kubectlHint(target: Target): string {
  const { context } = target;
  return context === undefined
    ? ["npm run kubectl --", ...targetOption(target)].join(" ")
    : `kubectl --context ${context}`;
}
