import { execFile } from "node:child_process";
import { mkdir, readFile, statfs } from "node:fs/promises";
import { promisify } from "node:util";

type GoVersion = readonly [major: number, minor: number, patch: number];

const GIBIBYTE = 2 ** 30;
const REQUIRED_DISK_GIBIBYTES = 8;
/** Oldest Go that builds the cluster's programs. */
export const CLUSTER_GO: GoVersion = [1, 24, 0];
/** Oldest Go that builds the operators: their modules demand it. */
export const OPERATORS_GO: GoVersion = [1, 26, 4];
const TOOLS = [
  { program: "apt-get", debianPackage: "apt" },
  { program: "apt-config", debianPackage: "apt" },
  { program: "dpkg-deb", debianPackage: "dpkg" },
  { program: "tar", debianPackage: "tar" },
  { program: "flock", debianPackage: "util-linux" },
  { program: "setpriv", debianPackage: "util-linux" },
  { program: "unshare", debianPackage: "util-linux" },
  { program: "npm", debianPackage: "npm" },
  { program: "mvn", debianPackage: "maven" },
  { program: "pip3", debianPackage: "python3-pip" },
];

/**
 * Checks whether this machine can build the artifacts: tools, root privileges and disk space.
 * @param minimumGo default: the version that a cluster without operators needs
 * @throws Error that lists all problems, each with its fix
 */
export async function checkToolchain(cacheDir: string, minimumGo: GoVersion = CLUSTER_GO): Promise<void> {
  const problems = [
    process.getuid?.() === 0 ? undefined : "only root can create files of other owners: run the command as root (sudo)",
    await systemProblem(),
    await goProblem(minimumGo),
    ...(await Promise.all(TOOLS.map(toolProblem))),
    await diskProblem(cacheDir),
  ].filter((problem) => problem !== undefined);
  if (problems.length === 0) return;
  throw new Error(["This machine cannot build the embedded cluster:", ...problems].join("\n  - "));
}

async function systemProblem(): Promise<string | undefined> {
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  if (/^ID="?debian"?$/m.test(release)) return undefined;
  const name = /^PRETTY_NAME="?([^"\n]*)/m.exec(release)?.[1] ?? process.platform;
  return `this is ${name}, not Debian: use Debian 12 or newer, or an existing cluster with --context NAME`;
}

async function goProblem(minimum: GoVersion): Promise<string | undefined> {
  const required = `Go ${minimum.join(".")} or newer`;
  const fix = `install ${required} (https://go.dev/doc/install) and put its bin directory on PATH`;
  const version = await output("go", ["env", "GOVERSION"]);
  if (version === undefined) return `go is not on PATH: ${fix}`;
  return isAtLeast(version, minimum) ? undefined : `go is ${version.trim()}: ${fix}`;
}

/** Whether the output of `go env GOVERSION` is the version `minimum` or a newer one. */
function isAtLeast(version: string, minimum: GoVersion): boolean {
  const [, major, minor, patch] = /^go(\d+)\.(\d+)(?:\.(\d+))?/.exec(version) ?? [];
  const found = [major, minor, patch ?? 0].map(Number);
  const index = minimum.findIndex((part, each) => part !== found[each]);
  return index < 0 || (found[index] ?? 0) > (minimum[index] ?? 0);
}

async function toolProblem({ program, debianPackage }: (typeof TOOLS)[number]): Promise<string | undefined> {
  if ((await output(program, ["--version"])) !== undefined) return undefined;
  return `${program} is not on PATH: on Debian, apt-get install ${debianPackage}`;
}

async function diskProblem(cacheDir: string): Promise<string | undefined> {
  await mkdir(cacheDir, { recursive: true });
  const { bavail, bsize } = await statfs(cacheDir);
  const free = (bavail * bsize) / GIBIBYTE;
  if (free >= REQUIRED_DISK_GIBIBYTES) return undefined;
  return `${cacheDir} has ${free.toFixed(1)} GiB free, ${REQUIRED_DISK_GIBIBYTES} GiB is required: free disk space, or set XDG_CACHE_HOME to a larger disk`;
}

/** Output of the program; undefined if it cannot be run. */
async function output(program: string, args: string[]): Promise<string | undefined> {
  try {
    return (await promisify(execFile)(program, args, { env: process.env })).stdout;
  } catch {
    return undefined;
  }
}
