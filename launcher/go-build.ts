/** Programs of Pulumi that are built from their Go modules, where they cannot be downloaded. */
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
  /** Seconds that it takes alone on a quiet machine of two cores, with nothing of it in a cache. */
  readonly seconds: number;
  /** Why it has to be built, for a machine without Go. */
  readonly instead: string;
  /** Builds it into the directory, which is empty. */
  readonly build: (log: PhaseLog, directory: string) => Promise<void>;
}

const keyOf = ({ name, command }: GoBuild, cacheDir: string): CacheKey => ({
  cacheDir,
  name,
  inputs: goInputs(command),
});

/** Whether it lies in the cache. */
export const isBuilt = (build: GoBuild, cacheDir: string): boolean => existsSync(entryPath(keyOf(build, cacheDir)));

/**
 * The directory of a program, built now or earlier.
 * @throws Error that says how to go on, on a machine without Go
 */
export async function goBuilt(build: GoBuild, cacheDir: string, report: Reporter): Promise<string> {
  const key = keyOf(build, cacheDir);
  if (isBuilt(build, cacheDir)) return entryPath(key);
  if (onPath("go") === undefined) {
    throw new Error(
      `No ${build.command.name}: ${build.instead}, and there is no Go to build it with. ` +
        "Install one of them: https://www.pulumi.com/docs/install/ or https://go.dev/doc/install",
    );
  }
  return report.phase(build.title, (log) =>
    cached({
      ...key,
      onWait: () => log.note("another run builds it"),
      build: (directory) => build.build(log, directory),
    }),
  );
}
