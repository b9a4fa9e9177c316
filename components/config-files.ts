import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** File names and contents, as a ConfigMap holds them. */
export type Files = Readonly<Record<string, string>>;

/** The named files of a folder. */
export const readFiles = (folder: string, names: readonly string[]): Files =>
  Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));

/**
 * Puts values in place of the `{{name}}` of a configuration file.
 *
 * @throws Error for a placeholder without a value, and for a value without a placeholder
 */
export function fill(template: string, values: Readonly<Record<string, string | number>>): string {
  const unused = new Set(Object.keys(values));
  const filled = template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`there is no value for the placeholder {{${name}}}`);
    unused.delete(name);
    return String(value);
  });
  if (unused.size > 0) throw new Error(`there is no placeholder for ${[...unused].join(", ")}`);
  return filled;
}

/** Changes with the content, whatever the order of keys. As an annotation of the pod template it rolls the pods. */
export function checksum(content: Files): string {
  const hash = createHash("sha256");
  for (const [name, text] of Object.entries(content).sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(JSON.stringify([name, text]));
  }
  return hash.digest("hex");
}
