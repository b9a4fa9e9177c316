/** The versions that package.json pins; nothing else in the launcher names a version of Pulumi or of a plugin. */
import { readFileSync } from "node:fs";
import path from "node:path";

/** Root of the project's checkout. */
export const checkout = path.dirname(import.meta.dirname);

const { dependencies } = JSON.parse(readFileSync(path.join(checkout, "package.json"), "utf8")) as {
  dependencies: Readonly<Record<string, string>>;
};

/** The exact version of a dependency, such as "3.259.0". */
export function pinned(dependency: string): string {
  const version = dependencies[dependency];
  if (version === undefined || !/^\d+\.\d+\.\d+$/.test(version)) {
    throw new Error(`package.json must pin ${dependency} to an exact version, it has ${version ?? "none"}`);
  }
  return version;
}

/** Whether a version is at least another one; what is no version is not. */
export function isAtLeast(version: string, wanted: string): boolean {
  const [given, least] = [numbers(version), numbers(wanted)];
  if (given === undefined || least === undefined) return false;
  for (const [index, part] of least.entries()) {
    const difference = (given[index] ?? 0) - part;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function numbers(version: string): number[] | undefined {
  const match = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version.trim());
  return match?.slice(1).map(Number);
}

/** Where phases write their logs: outside the state directories, so that a removal keeps its own log. */
export const launcherLogs = path.join(checkout, ".state", "logs");
