import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { extname, join } from "node:path";

/** File names and contents, as a ConfigMap holds them. */
export type Files = Readonly<Record<string, string>>;

export const readFiles = (folder: string, names: readonly string[]): Files =>
  Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));

/**
 * Replaces the `{{name}}` placeholders of a configuration file.
 *
 * @throws Error for a placeholder without a value, and for a value without a placeholder
 */
export function fill(template: string, values: Readonly<Record<string, string | number>>): string {
  const unused = new Set(Object.keys(values));
  const filled = template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`no value for placeholder {{${name}}}`);
    unused.delete(name);
    return String(value);
  });
  if (unused.size > 0) throw new Error(`no placeholder for ${[...unused].join(", ")}`);
  return filled;
}

/** Prefix of a full-line comment by file extension; `#` for all others. */
const comments: Readonly<Record<string, string>> = { ".sql": "--", ".ini": ";" };

/** The lines without comments and blank lines. Keeps the `#!` line of a script. */
function effectiveLines(name: string, text: string): readonly string[] {
  const comment = comments[extname(name)] ?? "#";
  return text.split("\n").filter((line, number) => {
    const start = line.trimStart();
    return start !== "" && (!start.startsWith(comment) || (number === 0 && start.startsWith("#!")));
  });
}

/**
 * A digest of these files that ignores full-line comments, blank lines and the order of the files. As an annotation of
 * the pod template, it restarts the pods when it changes; a reworded comment must not restart a database.
 */
export function checksum(content: Files): string {
  const hash = createHash("sha256");
  for (const [name, text] of Object.entries(content).sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(JSON.stringify([name, effectiveLines(name, text)]));
  }
  return hash.digest("hex");
}
