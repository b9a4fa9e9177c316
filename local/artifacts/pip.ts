import type { PhaseLog } from "../report.ts";
import { retried, run } from "./command.ts";
import { sourcePath } from "./sources.ts";

const ATTEMPTS = 4;

/**
 * Installs Python packages into `directory`; nothing of theirs is run.
 * @param requirements a file of `local/images` that pins each package by version and hash
 */
export async function installWheels(log: PhaseLog, requirements: string, directory: string): Promise<void> {
  log.note("installing Python packages");
  const checked = ["--no-deps", "--require-hashes", "--only-binary=:all:"];
  const argv = ["pip3", "install", ...checked, "--no-compile", "--no-cache-dir"] as const;
  await retried(log, ATTEMPTS, () =>
    run(log, { argv: [...argv, `--target=${directory}`, "--upgrade", "-r", sourcePath(requirements)] }),
  );
}
