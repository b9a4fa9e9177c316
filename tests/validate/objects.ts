import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { checkout } from "../../launcher/versions.ts";

/** An object of a kind that a CustomResourceDefinition defines. */
export interface CustomObject {
  /** KIND NAMESPACE/NAME */
  readonly title: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly content: object;
}

const golden = path.join(checkout, "tests", "golden");

/** The objects of the operators' own manifests; the plans of tests have short ones. */
const releaseManifests = "operators.yaml";

/** The stacks whose plan the golden files hold; `npm test` compares it with what the program plans. */
export const stacks = (): readonly string[] => readdirSync(golden);

/** Groups without a dot, and those of Kubernetes itself, are not defined by CustomResourceDefinitions. */
const isBuiltIn = (group: string): boolean => !group.includes(".") || group.endsWith(".k8s.io");

function objectOf(title: string, content: unknown): readonly CustomObject[] {
  const { apiVersion, kind } = (content ?? {}) as { apiVersion?: unknown; kind?: unknown };
  if (typeof apiVersion !== "string" || typeof kind !== "string") return [];
  const [group = "", version] = apiVersion.split("/");
  if (version === undefined || isBuiltIn(group)) return [];
  return [{ title: title.replace(" (not in staging)", ""), group, version, kind, content: content as object }];
}

/**
 * The custom resources of a stack. Golden files of other stacks than staging hold differences from it; staging has no
 * custom resources, so that those of others are whole.
 *
 * @throws Error if there is no such stack
 */
export function customObjectsOf(stack: string): readonly CustomObject[] {
  const folder = path.join(golden, stack);
  if (!existsSync(folder))
    throw new Error(`there are no golden files of stack ${stack}; there are: ${stacks().join(", ")}`);
  return readdirSync(folder)
    .filter((file) => file !== releaseManifests)
    .flatMap((file) => Object.entries(parse(readFileSync(path.join(folder, file), "utf8")) as object))
    .flatMap(([title, content]) => objectOf(title, content));
}
