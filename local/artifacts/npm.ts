import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { PhaseLog } from "../report.ts";
import { run, withRetries } from "./command.ts";
import { copySource } from "./sources.ts";

const ATTEMPTS = 4;

/**
 * Installs the npm packages of a package-lock.json into `directory`, without running their scripts.
 * @param source the folder of `local/images` with package.json and package-lock.json
 */
export async function installPackages(log: PhaseLog, source: string, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const file of ["package.json", "package-lock.json"]) {
    await copySource(path.join(source, file), path.join(directory, file));
  }
  log.note("installing npm packages");
  const argv = ["npm", "ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund"] as const;
  await withRetries(log, ATTEMPTS, () => run(log, { argv, cwd: directory }));
}
