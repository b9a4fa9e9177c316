import path from "node:path";
import type { PhaseLog } from "../report.ts";
import { withLock } from "./cache.ts";
import { retried, run } from "./command.ts";

const ATTEMPTS = 4;

/**
 * Copies the Java archives that a Maven project depends on at run time, and all that those depend on, into `directory`.
 * Maven keeps what it has downloaded in its own local repository; one run at a time, since it does not lock that.
 * @param pom the project's file, which pins the version of the dependency plugin too
 */
export async function copyDependencies(log: PhaseLog, cacheDir: string, pom: string, directory: string): Promise<void> {
  log.note("downloading Java archives");
  const goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", `-DoutputDirectory=${directory}`];
  const argv = ["mvn", "--batch-mode", "--strict-checksums", "--file", pom, ...goal] as const;
  await withLock(path.join(cacheDir, "locks/maven"), () => retried(log, ATTEMPTS, () => run(log, { argv })));
}
