/** The versions that package.json pins: the launcher's only source of Pulumi's and the plugins' versions. */
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
    throw new Error(`package.json must pin ${dependency} to an exact version, but has ${version ?? "none"}`);
  }
  return version;
}

/** Whether a version is at least the minimum; false if it cannot be parsed. */
export function isAtLeast(version: string, minimum: string): boolean {
  const [actual, required] = [numbers(version), numbers(minimum)];
  if (actual === undefined || required === undefined) return false;
  for (const [index, part] of required.entries()) {
    const difference = (actual[index] ?? 0) - part;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function numbers(version: string): number[] | undefined {
  const match = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version.trim());
  return match?.slice(1).map(Number);
}

/** Directory of the phases' logs, outside the state directories: `npm run down` must not remove its own log. */
export const launcherLogs = path.join(checkout, ".state", "logs");
