import type { PhaseLog } from "../report.ts";
import { run, withRetries } from "./command.ts";
import { sourcePath } from "./sources.ts";

const ATTEMPTS = 4;

/**
 * Installs Python wheels into `directory`, without running any of their code.
 * @param requirements a file of `local/images` that pins each package by version and hash
 */
export async function installWheels(log: PhaseLog, requirements: string, directory: string): Promise<void> {
  log.note("installing Python packages");
  const verified = ["--no-deps", "--require-hashes", "--only-binary=:all:"];
  const argv = ["pip3", "install", ...verified, "--no-compile", "--no-cache-dir"] as const;
  await withRetries(log, ATTEMPTS, () =>
    run(log, { argv: [...argv, `--target=${directory}`, "--upgrade", "-r", sourcePath(requirements)] }),
  );
}
