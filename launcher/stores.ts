/** The stack output `stores`: how to connect to each store. */
import { existsSync } from "node:fs";
import path from "node:path";
import type { Connection } from "../components/contract/connection.ts";
import { contextOf } from "./contexts.ts";
import { openEnvironment, type Environment } from "./environment.ts";
import type { ExportedState } from "./interrupted-creates.ts";
import { run, type Result } from "./programs.ts";
import { screenReporter } from "./report.ts";
import { readStackFile, section, stacks } from "./stack-files.ts";
import { pulumi } from "./stack.ts";
import { startHint, stateDirectory, type Target } from "./target.ts";
import { checkout, launcherLogs } from "./versions.ts";

/** The environment of a target, without starting its cluster. */
export function environmentFor(target: Target): Promise<Environment> {
  const { name, context } = target;
  const embedded = { kubeconfig: path.join(stateDirectory(name), "kubeconfig"), context: `bana-${name}` };
  const cluster = context === undefined ? embedded : contextOf(context);
  return openEnvironment(target, cluster, screenReporter(path.join(launcherLogs, name)));
}

/** @throws Error if the stack was never updated, or by a version without this output */
export async function readConnections(environment: Environment): Promise<readonly Connection[]> {
  return parseConnections(await pulumi(environment, ["stack", "output", "stores", "--json"]), environment.target.stack);
}

/** The connections in a stack's state. */
export function connectionsIn(state: ExportedState, stack: string): readonly Connection[] {
  const root = state.deployment.resources?.find(({ type }) => type === "pulumi:pulumi:Stack");
  const stores = root?.outputs?.["stores"];
  if (isConnections(stores)) return stores;
  throw new Error(`Stack ${stack} has no valid output "stores". Update it with this version: pulumi up`);
}

/**
 * The connections of a target. A context that `npm start` has not used is that of a stack with this context in its configuration file,
 * in the user's own Pulumi backend.
 */
export async function connectionsOf(target: Target): Promise<readonly Connection[]> {
  const { name, context } = target;
  if (existsSync(stateDirectory(name))) return readConnections(await environmentFor(target));
  if (context === undefined) throw new Error(`The data layer is not deployed. Deploy it with: ${startHint(target)}`);
  const own = stackOfContext(context);
  if (own === undefined)
    throw new Error(
      `No stack uses the context ${context}: \`npm start -- --context ${context}\` was not run, and no Pulumi.STACK.yaml names it.`,
    );
  const argv = ["pulumi", "stack", "output", "stores", "--json", "--stack", own] as const;
  return parseConnections(await run({ argv, cwd: checkout }), own);
}

function stackOfContext(context: string): string | undefined {
  return stacks().find((stack) => section(readStackFile(stack), "cluster")["context"] === context);
}

function parseConnections({ code, stdout, stderr }: Result, name: string): readonly Connection[] {
  const stores: unknown = code === 0 ? JSON.parse(stdout) : undefined;
  if (isConnections(stores)) return stores;
  throw new Error(
    `Stack ${name} has no valid output "stores". Update it with this version: pulumi up\n${stderr.trim()}`.trim(),
  );
}

/** Whether a value has the fields of connections that the launcher's commands use. */
export function isConnections(value: unknown): value is readonly Connection[] {
  const texts = ["name", "title", "host", "namespace", "service", "protocol"];
  return (
    Array.isArray(value) &&
    value.every((item: unknown) => {
      const fields = item as Readonly<Record<string, unknown>> | null;
      return texts.every((key) => typeof fields?.[key] === "string") && typeof fields?.["port"] === "number";
    })
  );
}
