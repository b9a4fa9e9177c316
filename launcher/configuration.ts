/**
 * The stack's configuration that Pulumi works with: `Pulumi.local.yaml` of the checkout, what the launcher adds to it, and
 * on top what was set with `npm run pulumi -- config set`. It lies in the state directory, because Pulumi writes into it
 * (the salt of the passphrase, to begin with), and the checkout's file must stay as it is.
 */
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { parse, stringify } from "yaml";

/** A YAML document: mappings all the way down to values, which are anything else. */
export interface Mapping {
  readonly [key: string]: unknown;
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What has to be set in `before` to get `after`; null stands for a key that is gone. */
export function difference(before: Mapping, after: Mapping): Mapping {
  const changes: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, now] = [before[key], after[key]];
    if (isMapping(old) && isMapping(now)) {
      const inner = difference(old, now);
      if (Object.keys(inner).length > 0) changes[key] = inner;
    } else if (textOf(old) !== textOf(now)) {
      changes[key] = now ?? null;
    }
  }
  return changes;
}

/** Pulumi writes numbers and truth values as text when it saves a configuration: that is no change. */
function textOf(value: unknown): string | undefined {
  return JSON.stringify(typeof value === "number" || typeof value === "boolean" ? value.toString() : value);
}

/** A document with the changes made that `difference` gave. */
export function patched(document: Mapping, changes: Mapping): Mapping {
  const result: Record<string, unknown> = { ...document };
  for (const [key, change] of Object.entries(changes)) {
    const old = result[key];
    if (change === null) delete result[key];
    else if (isMapping(change)) result[key] = patched(isMapping(old) ? old : {}, change);
    else result[key] = change;
  }
  return result;
}

/** Where the configuration and what belongs to it lie, below the stack's directory. */
export function configurationFiles(directory: string, project: string, stack: string) {
  const current = path.join(directory, "configuration");
  return {
    /** A symbolic link, so that its files change together or not at all. */
    current,
    /** A project of the same name: Pulumi makes the stack in it, without writing into the checkout. */
    project: { file: path.join(current, "Pulumi.yaml"), text: stringify({ name: project, runtime: "nodejs" }) },
    /** The configuration that Pulumi reads and writes. */
    working: path.join(current, `Pulumi.${stack}.yaml`),
    /** What it was made from: the difference to it is what was set since. */
    base: path.join(current, "base.yaml"),
  };
}

/**
 * Brings the working configuration up to date with its source; what was set in it since stays set.
 * @returns the path of the working configuration
 */
export async function refreshConfiguration(
  files: ReturnType<typeof configurationFiles>,
  source: Mapping,
): Promise<string> {
  const base = await document(files.base);
  if (existsSync(files.working) && JSON.stringify(base) === JSON.stringify(source)) return files.working;
  const own = difference(base, await document(files.working));
  const next = await mkdtemp(`${files.current}-`);
  await writeFile(path.join(next, path.basename(files.project.file)), files.project.text);
  await writeFile(path.join(next, path.basename(files.working)), stringify(patched(source, own)), { mode: 0o600 });
  await writeFile(path.join(next, path.basename(files.base)), stringify(source), { mode: 0o600 });
  const link = `${next}.link`;
  await symlink(path.basename(next), link);
  await rename(link, files.current);
  await removeOthers(next);
  return files.working;
}

/** Removes the directories that this one takes the place of, and what killed runs left. */
async function removeOthers(current: string): Promise<void> {
  const [directory, own] = [path.dirname(current), path.basename(current)];
  const prefix = own.replace(/-[^-]*$/, "-");
  for (const name of await readdir(directory)) {
    if (name.startsWith(prefix) && name !== own) await rm(path.join(directory, name), { recursive: true });
  }
}

async function document(file: string): Promise<Mapping> {
  if (!existsSync(file)) return {};
  const content: unknown = parse(await readFile(file, "utf8"));
  return isMapping(content) ? content : {};
}
