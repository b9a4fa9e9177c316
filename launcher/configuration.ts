/**
 * The stack configuration file that Pulumi uses: the checkout's `Pulumi.STACK.yaml`, the launcher's additions, and the
 * values set with `npm run pulumi -- config set`, which take precedence. It is in the state directory because Pulumi
 * writes to it (the encryption salt, for example), and the checkout's file must not change.
 */
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { parse, stringify } from "yaml";

/** A YAML mapping. Values that are not mappings, lists included, are compared and replaced as a whole. */
export interface Mapping {
  readonly [key: string]: unknown;
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The JSON merge patch (RFC 7396) that turns `before` into `after`: null removes a key. */
export function mergePatch(before: Mapping, after: Mapping): Mapping {
  const patch: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, now] = [before[key], after[key]];
    if (isMapping(old) && isMapping(now)) {
      const nested = mergePatch(old, now);
      if (Object.keys(nested).length > 0) patch[key] = nested;
    } else if (normalized(old) !== normalized(now)) {
      patch[key] = now ?? null;
    }
  }
  return patch;
}

/** JSON of a value, for comparison. Pulumi saves numbers and booleans as strings, which must not count as a change. */
function normalized(value: unknown): string | undefined {
  return JSON.stringify(typeof value === "number" || typeof value === "boolean" ? value.toString() : value);
}

/** Applies a JSON merge patch. */
export function applyMergePatch(document: Mapping, patch: Mapping): Mapping {
  const result: Record<string, unknown> = { ...document };
  for (const [key, change] of Object.entries(patch)) {
    const old = result[key];
    if (change === null) delete result[key];
    else if (isMapping(change)) result[key] = applyMergePatch(isMapping(old) ? old : {}, change);
    else result[key] = change;
  }
  return result;
}

/** Paths of the stack configuration and its companion files, in the given directory. */
export function configurationFiles(directory: string, project: string, stack: string) {
  const current = path.join(directory, "configuration");
  return {
    /** A symbolic link to a directory: replacing the link updates all files in it atomically. */
    current,
    /** A Pulumi project of the same name: Pulumi creates the stack here and does not write to the checkout. */
    project: { file: path.join(current, "Pulumi.yaml"), text: stringify({ name: project, runtime: "nodejs" }) },
    /** The configuration that Pulumi reads and writes. */
    working: path.join(current, `Pulumi.${stack}.yaml`),
    /** The source of the last refresh: a difference between it and the working configuration was set by the user. */
    base: path.join(current, "base.yaml"),
  };
}

/**
 * Updates the working configuration from its source and keeps the values that the user has set.
 * @returns the path of the working configuration
 */
export async function refreshConfiguration(
  files: ReturnType<typeof configurationFiles>,
  source: Mapping,
): Promise<string> {
  const base = await readDocument(files.base);
  if (existsSync(files.working) && JSON.stringify(base) === JSON.stringify(source)) return files.working;
  const userValues = mergePatch(base, await readDocument(files.working));
  const next = await mkdtemp(`${files.current}-`);
  await writeFile(path.join(next, path.basename(files.project.file)), files.project.text);
  const working = stringify(applyMergePatch(source, userValues));
  await writeFile(path.join(next, path.basename(files.working)), working, { mode: 0o600 });
  await writeFile(path.join(next, path.basename(files.base)), stringify(source), { mode: 0o600 });
  const link = `${next}.link`;
  await symlink(path.basename(next), link);
  await rename(link, files.current);
  await removeStaleDirectories(next);
  return files.working;
}

/** Removes the previous directory, and those that killed runs left behind. */
async function removeStaleDirectories(current: string): Promise<void> {
  const [directory, own] = [path.dirname(current), path.basename(current)];
  const prefix = own.replace(/-[^-]*$/, "-");
  for (const name of await readdir(directory)) {
    if (name.startsWith(prefix) && name !== own) await rm(path.join(directory, name), { recursive: true });
  }
}

async function readDocument(file: string): Promise<Mapping> {
  if (!existsSync(file)) return {};
  const content: unknown = parse(await readFile(file, "utf8"));
  return isMapping(content) ? content : {};
}
