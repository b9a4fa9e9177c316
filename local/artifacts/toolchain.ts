import { execFile } from "node:child_process";
import { mkdir, readFile, statfs } from "node:fs/promises";
import { promisify } from "node:util";

const GIBIBYTE = 2 ** 30;
const REQUIRED_DISK_GIBIBYTES = 8;
const MINIMUM_GO = { major: 1, minor: 24 };
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
 * @throws Error that lists all problems, each with its fix
 */
export async function checkToolchain(cacheDir: string): Promise<void> {
  const problems = [
    process.getuid?.() === 0 ? undefined : "only root can create files of other owners: run the command as root (sudo)",
    await systemProblem(),
    await goProblem(),
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

async function goProblem(): Promise<string | undefined> {
  const required = `Go ${MINIMUM_GO.major}.${MINIMUM_GO.minor} or newer`;
  const fix = `install ${required} (https://go.dev/doc/install) and put its bin directory on PATH`;
  const version = await output("go", ["env", "GOVERSION"]);
  if (version === undefined) return `go is not on PATH: ${fix}`;
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version) ?? [];
  const newEnough = Number(major) > MINIMUM_GO.major || Number(minor) >= MINIMUM_GO.minor;
  return newEnough ? undefined : `go is ${version.trim()}: ${fix}`;
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
