/** Builds Pulumi's programs from their Go modules, where they cannot be downloaded. */
import { existsSync } from "node:fs";
import { cached, entryPath, type CacheKey } from "../local/artifacts/cache.ts";
import { goInputs, type GoCommand } from "../local/artifacts/go.ts";
import type { PhaseLog, Reporter } from "../local/report.ts";
import { onPath } from "./programs.ts";

export interface GoBuild {
  /** Title of its phase. */
  readonly title: string;
  /** Name of its entry in the cache. */
  readonly name: string;
  readonly command: GoCommand;
  /** Seconds that the build takes on an otherwise idle machine with two cores and empty caches. */
  readonly seconds: number;
  /** Why the build is needed, for the error message on a machine without Go. */
  readonly reason: string;
  /** Builds into the directory, which is empty. */
  readonly build: (log: PhaseLog, directory: string) => Promise<void>;
}

const keyOf = ({ name, command }: GoBuild, cacheDir: string): CacheKey => ({
  cacheDir,
  name,
  inputs: goInputs(command),
});

/** Whether the cache holds the build. */
export const isBuilt = (build: GoBuild, cacheDir: string): boolean => existsSync(entryPath(keyOf(build, cacheDir)));

/**
 * The directory of a built program, from the cache or built now.
 * @throws Error with instructions, on a machine without Go
 */
export async function ensureBuilt(build: GoBuild, cacheDir: string, report: Reporter): Promise<string> {
  const key = keyOf(build, cacheDir);
  if (isBuilt(build, cacheDir)) return entryPath(key);
  if (onPath("go") === undefined) {
    throw new Error(
      `${build.command.name} is missing: ${build.reason}, and Go is not on PATH to build it. ` +
        "Install Pulumi (https://www.pulumi.com/docs/install/) or Go (https://go.dev/doc/install).",
    );
  }
  return report.phase(build.title, (log) =>
    cached({
      ...key,
      onWait: () => log.note("another run is building it: waiting"),
      build: (directory) => build.build(log, directory),
    }),
  );
}
