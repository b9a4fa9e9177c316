import { createRequire } from "node:module";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly pulumi?: {
    readonly resource?: boolean;
    readonly name?: string;
    readonly version?: string;
    readonly server?: string;
  };
}

/** A package of the SDK, and the provider plugin that belongs to it. */
export interface Package {
  readonly name: string;
  readonly version: string;
  readonly pulumi?: Manifest["pulumi"];
}

/** The nearest package.json, in the directory or above it. */
function manifestOf(directory: string): string | undefined {
  const file = path.join(directory, "package.json");
  if (existsSync(file)) return file;
  const parent = path.dirname(directory);
  return parent === directory ? undefined : manifestOf(parent);
}

/** The packages that a program names in its package.json, as they are installed; those that are not are left out. */
export function directDependencies(directory: string): Package[] {
  const manifestFile = manifestOf(path.resolve(directory));
  if (manifestFile === undefined) return [];
  const { dependencies = {} } = JSON.parse(readFileSync(manifestFile, "utf8")) as Manifest;
  const { resolve } = createRequire(manifestFile);
  return Object.keys(dependencies).flatMap((name) => {
    for (const folder of resolve.paths(name) ?? []) {
      try {
        return [JSON.parse(readFileSync(path.join(folder, name, "package.json"), "utf8")) as Manifest];
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      }
    }
    return [];
  });
}
