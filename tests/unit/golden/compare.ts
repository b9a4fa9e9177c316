import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { project } from "./plan.ts";
import type { Planned } from "./plan.ts";

interface Metadata {
  readonly name?: string;
  readonly namespace?: string;
}

/** Kind, namespace and name, so that a listing of the folder is the plan. */
function fileName({ type, name, inputs }: Planned): string {
  const metadata = (inputs["metadata"] ?? {}) as Metadata;
  const kind = type.split(":").at(-1) ?? type;
  return [kind, metadata.namespace, metadata.name ?? name].filter((part) => part !== undefined).join(".") + ".json";
}

/** One JSON document a resource, keys in order: what the golden folder of the stack has to hold. */
function documents(resources: readonly Planned[]): Map<string, string> {
  const sorted = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(sorted)
      : typeof value === "object" && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([key, item]) => [key, sorted(item)]),
          )
        : value;
  const files = new Map<string, string>();
  for (const resource of resources) {
    const file = fileName(resource);
    if (files.has(file)) throw new Error(`two resources would be ${file}`);
    files.set(file, JSON.stringify(sorted({ ...resource }), undefined, 2) + "\n");
  }
  return files;
}

/**
 * Compares a stack's resources with `tests/golden/<stack>`; `UPDATE_GOLDEN=1` writes them there instead.
 * @returns the files that differ, are missing or stray, by name; each with what was expected and what came
 */
export function compareWithGolden(stack: string, resources: readonly Planned[]): Record<string, [string?, string?]> {
  const folder = path.join(project, "tests", "golden", stack);
  const now = documents(resources);
  if (process.env["UPDATE_GOLDEN"]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const [file, text] of now) writeFileSync(path.join(folder, file), text);
  }
  const golden = new Map(readdirSync(folder).map((file) => [file, readFileSync(path.join(folder, file), "utf8")]));
  return Object.fromEntries(
    [...new Set([...golden.keys(), ...now.keys()])]
      .filter((file) => golden.get(file) !== now.get(file))
      .map((file) => [file, [golden.get(file), now.get(file)]]),
  );
}
