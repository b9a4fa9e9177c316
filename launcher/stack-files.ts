/** The stack configuration files of the checkout, `Pulumi.STACK.yaml`, and what the launcher reads in them. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import type { Mapping } from "./configuration.ts";
import { UsageError } from "./usage-error.ts";
import { checkout } from "./versions.ts";

/** Registry of the images that exist only on the embedded cluster. The CI workflow has the same rule: `.github/stacks.sh`. */
const LOCAL_REGISTRY = "local.bana/";

/** A stack configuration file. */
export interface StackFile {
  readonly config?: Readonly<Record<string, Mapping | string | undefined>>;
}

export const project = (parse(readFileSync(path.join(checkout, "Pulumi.yaml"), "utf8")) as { name: string }).name;

/** The stacks that have a configuration file, by name. */
export function stacks(directory = checkout): string[] {
  return readdirSync(directory)
    .map((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1])
    .filter((stack) => stack !== undefined)
    .sort();
}

export function readStackFile(stack: string, directory = checkout): StackFile {
  return parse(readFileSync(path.join(directory, `Pulumi.${stack}.yaml`), "utf8")) as StackFile;
}

/** One section of a stack's settings: `bana-data-layer:NAME`. */
export function section({ config }: StackFile, name: string): Mapping {
  const value = config?.[`${project}:${name}`];
  return typeof value === "object" ? value : {};
}

/** Whether the stack runs on the embedded cluster: it uses images that exist only there. */
export function isForEmbeddedCluster(file: StackFile): boolean {
  return Object.values(section(file, "images")).some((image) => String(image).startsWith(LOCAL_REGISTRY));
}

/** Whether the stack's stores need operators, which the embedded cluster then has images and an object store for. */
export function needsOperators(file: StackFile): boolean {
  return section(file, "postgresql")["implementation"] === "cloudnative-pg";
}

/** What runs differently from production in this stack, and why: one sentence, from the stack's file. */
export function differenceFromProduction({ config }: StackFile): string | undefined {
  const text = config?.["launcher:differsFromProduction"];
  return typeof text === "string" ? text : undefined;
}

/**
 * Checks that `npm start` can run a stack.
 * @param hasContext whether it is for a context of the user's kubeconfig, which can have any stack
 */
export function requireRunnable(stack: string, hasContext: boolean, directory = checkout): void {
  const known = stacks(directory);
  const runnable = hasContext ? known : known.filter((each) => isForEmbeddedCluster(readStackFile(each, directory)));
  if (runnable.includes(stack)) return;
  if (!known.includes(stack)) throw new UsageError(`There is no Pulumi.${stack}.yaml. Stacks: ${runnable.join(", ")}`);
  throw new UsageError(
    [
      `Stack ${stack} is for a cluster of your own: Pulumi.${stack}.yaml has none of the embedded cluster's images.`,
      `In your own Pulumi backend:           pulumi up --stack ${stack}`,
      `In a context of your kubeconfig:      npm start -- --context NAME --stack ${stack}`,
      `Stacks for the embedded cluster:      ${runnable.join(", ")}`,
    ].join("\n"),
  );
}
