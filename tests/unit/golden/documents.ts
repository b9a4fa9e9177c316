import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { checksum } from "../../../components/config-files.ts";
import { project } from "./plan.ts";
import type { Planned } from "./plan.ts";

/** The inputs of a component's resources, by kind, namespace and name. */
export type Component = Readonly<Record<string, unknown>>;

/** All components of a stack, by the name of their golden file. */
export type Components = Readonly<Record<string, Component>>;

interface Metadata {
  readonly name?: string;
  readonly namespace?: string;
}

function title({ type, name, inputs }: Planned): string {
  const metadata = (inputs["metadata"] ?? {}) as Metadata;
  const place = [metadata.namespace, metadata.name ?? name].filter((part) => part !== undefined).join("/");
  return `${type.split(":").at(-1) ?? type} ${place}`;
}

/** The scripts and configuration files of the components: their content, and the path and digest that stand for it. */
const scripts = new Map(
  readdirSync(path.join(project, "components"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".ts"))
    .map(({ parentPath, name }) => {
      const file = path.join(parentPath, name);
      const content = readFileSync(file, "utf8");
      return [content, `${path.relative(project, file)} ${checksum({ [name]: content }).slice(0, 12)}`] as const;
    }),
);

/** Marks a value that Pulumi keeps secret. */
const secretSignature = "4dabf18193072939515e22adb298388d";

/** The value with its keys in order, and each file that a component mounts as it is as its path and a digest. */
function readable(value: unknown): unknown {
  if (typeof value === "string") return scripts.get(value) ?? value;
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== "object" || value === null) return value;
  if (secretSignature in value) return { secret: readable((value as { value?: unknown }).value) };
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, readable(item)]));
}

/** @throws Error if two resources of a component have the same kind, namespace and name */
export function componentsOf(resources: readonly Planned[]): Components {
  const components: Record<string, Record<string, unknown>> = {};
  for (const resource of [...resources].sort((a, b) => (title(a) < title(b) ? -1 : 1))) {
    const component = (components[resource.component] ??= {});
    if (title(resource) in component) throw new Error(`two resources are ${title(resource)}`);
    component[title(resource)] = readable(resource.inputs);
  }
  return components;
}
