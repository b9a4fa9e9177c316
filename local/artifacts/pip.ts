import type { PhaseLog } from "../report.ts";
import { run, withRetries } from "./command.ts";
import { sourcePath } from "./sources.ts";

const ATTEMPTS = 4;
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };
// Oldest versions of the GNU C library that a wheel may be made for; Debian's is newer than all of them.
const MANYLINUX = ["manylinux2014", "manylinux_2_17", "manylinux_2_28"];

/**
 * Installs Python wheels into `directory`, without running any of their code.
 * @param requirements a file of `local/images` that pins each package by version and hash
 * @param python version of the Python that will run them, e.g. 3.13; default: that of this machine
 */
export async function installWheels(
  log: PhaseLog,
  requirements: string,
  directory: string,
  python?: string,
): Promise<void> {
  log.note("installing Python packages");
  const verified = ["--no-deps", "--require-hashes", "--only-binary=:all:"];
  const argv = ["pip3", "install", ...verified, "--no-compile", "--no-cache-dir"] as const;
  await withRetries(log, ATTEMPTS, () =>
    run(log, {
      argv: [...argv, ...targetOptions(python), `--target=${directory}`, "--upgrade", "-r", sourcePath(requirements)],
    }),
  );
}

function targetOptions(python: string | undefined): string[] {
  if (python === undefined) return [];
  const architecture = ARCHITECTURES[process.arch] ?? process.arch;
  const platforms = MANYLINUX.map((name) => `--platform=${name}_${architecture}`);
  return ["--implementation=cp", `--python-version=${python}`, ...platforms];
}
