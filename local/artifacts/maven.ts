import path from "node:path";
import type { PhaseLog } from "../report.ts";
import { withLock } from "./cache.ts";
import { run, withRetries } from "./command.ts";

const ATTEMPTS = 4;

/**
 * Copies a Maven project's runtime dependencies, including transitive ones, into `directory`. One Maven runs at a time,
 * because Maven does not lock its local repository.
 * @param pom the project's file, which also pins the version of the dependency plugin
 */
export async function copyDependencies(log: PhaseLog, cacheDir: string, pom: string, directory: string): Promise<void> {
  log.note("downloading Java archives");
  const goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", `-DoutputDirectory=${directory}`];
  const argv = ["mvn", "--batch-mode", "--strict-checksums", "--file", pom, ...goal] as const;
  await withLock(path.join(cacheDir, "locks/maven"), () => withRetries(log, ATTEMPTS, () => run(log, { argv })));
}
