import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cached } from "../../local/artifacts/cache.ts";
import { run, type Step, verdict } from "./step.ts";

/** Requirements for pip: the Python package that contains the shellcheck executable, pinned by hash. */
const requirements = join(import.meta.dirname, "shellcheck-requirements.txt");

/** Checks every shell script in git: files named *.sh, and files without a suffix that start with a shell's #! line. */
export function shellcheckStep(checkout: string, cacheDir: string): Step {
  return {
    name: "shell scripts",
    run: async (log) => {
      const shellcheck = await executable(cacheDir, log);
      const args = ["--external-sources", "--source-path=SCRIPTDIR", ...scripts(checkout)];
      return verdict((await run(shellcheck, args, { cwd: checkout, log })) === 0, log);
    },
  };
}

function scripts(checkout: string): string[] {
  const listing = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const files = execFileSync("git", listing, { cwd: checkout, encoding: "utf8" }).split("\0");
  return files.filter((file) => file !== "" && isShellScript(join(checkout, file)));
}

function isShellScript(path: string): boolean {
  // git still lists files whose deletion is not committed
  if (!existsSync(path)) return false;
  if (path.endsWith(".sh")) return true;
  return !/\.[^/]+$/.test(path) && /^#!\s*\S*\/(env\s+)?(ba|da)?sh\b/.test(readFileSync(path, "utf8").slice(0, 64));
}

/** The cached executable; installed with pip on first use. */
async function executable(cacheDir: string, log: string): Promise<string> {
  const home = await cached({
    cacheDir,
    name: "shellcheck",
    inputs: readFileSync(requirements, "utf8"),
    build: async (directory) => {
      const install = ["-m", "pip", "install", "--no-deps", "--require-hashes", "--only-binary=:all:"];
      const code = await run("python3", [...install, "--prefix", directory, "-r", requirements], {
        cwd: directory,
        log,
      });
      if (code !== 0) throw new Error(`pip could not install shellcheck (log: ${log})`);
    },
  });
  return join(home, "bin", "shellcheck");
}
