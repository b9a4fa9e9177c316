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

/** An installed npm package, and its `pulumi` section, which names its provider plugin. */
export interface Package {
  readonly name: string;
  readonly version: string;
  readonly pulumi?: Manifest["pulumi"];
}

/** The nearest package.json, in the directory or a parent of it. */
function manifestOf(directory: string): string | undefined {
  const file = path.join(directory, "package.json");
  if (existsSync(file)) return file;
  const parent = path.dirname(directory);
  return parent === directory ? undefined : manifestOf(parent);
}

/** The direct dependencies of a program's package.json, in their installed versions. Omits those not installed. */
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
