import { execFile } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, rmdir, statfs } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { release } from "node:os";
import { chooseLink, linkPool, networksInUse } from "./node/link.ts";
import { clusterId } from "./node/spec.ts";

/** What of this machine matters to the embedded cluster. */
export interface Machine {
  readonly platform: string;
  readonly uid: number;
  /** ID and ID_LIKE of /etc/os-release. */
  readonly distributions: readonly string[];
  /** Programs of `requiredPrograms` that are not on PATH. */
  readonly missingPrograms: readonly string[];
  /** What `node/probe.sh` could not do: "overlayfs", "veth", "namespace-pid", ... */
  readonly failedProbes: readonly string[];
  /** Options of the running kernel, e.g. CONFIG_VETH=y; undefined if the kernel does not tell. */
  readonly kernelOptions: ReadonlySet<string> | undefined;
  /** Cgroup controllers that groups can be made for. */
  readonly cgroupControllers: readonly string[];
  /** Whether groups can be made at all beside the processes that are there (always, but in some containers). */
  readonly isCgroupDivisible: boolean;
  readonly availableMemoryBytes: number;
  /** Free space of the file system with the state directory. */
  readonly freeDiskBytes: number;
  /** Whether a network for the link between host and node is free. */
  readonly hasFreeLink: boolean;
}

/** What the machine lacks, and what to do about it. */
export interface Problem {
  readonly lacks: string;
  readonly mend: string;
}

const GIB = 2 ** 30;
const NEEDED_MEMORY_BYTES = 3 * GIB;
const NEEDED_DISK_BYTES = 6 * GIB;
const NEEDED_CONTROLLERS = ["cpu", "cpuset", "memory", "pids"];
const requiredPrograms: Readonly<Record<string, string>> = {
  unshare: "util-linux",
  nsenter: "util-linux",
  flock: "util-linux",
  pivot_root: "util-linux",
  mount: "mount",
  tar: "tar",
};
const NAMESPACE_MEND =
  "In a container, give it CAP_SYS_ADMIN and an unconfined seccomp profile (docker run --privileged)";

/**
 * Why this machine cannot host the cluster; empty if it can. Looks at the machine only (a few hundred milliseconds) and
 * leaves nothing behind.
 */
export async function preflight(stateDir: string): Promise<readonly Problem[]> {
  return problems(await inspectMachine(stateDir));
}

/** One line a problem, each with its remedy. */
export function describe(found: readonly Problem[]): string {
  return found.map(({ lacks, mend }) => `- ${lacks}. ${mend}.`).join("\n");
}

/** The rules of preflight. */
export function problems(machine: Machine): readonly Problem[] {
  // Everything else could only fail for these reasons.
  if (machine.platform !== "linux") {
    return [
      {
        lacks: `The embedded cluster runs on Linux, not on ${machine.platform}`,
        mend: "Use --context NAME to work with a cluster you have",
      },
    ];
  }
  if (machine.uid !== 0) {
    return [
      {
        lacks: "It takes root to make namespaces, mounts and network links",
        mend: "Run it as root (sudo), or use --context NAME to work with a cluster you have",
      },
    ];
  }
  const found: Problem[] = [];
  const check = (isGood: boolean, lacks: string, mend: string) => {
    if (!isGood) found.push({ lacks, mend });
  };

  check(
    machine.distributions.includes("debian"),
    `This is not Debian or one of its descendants (${machine.distributions.join(", ") || "no /etc/os-release"}), whose packages the cluster is made of`,
    "Run it on Debian 12 or in a privileged container of it",
  );
  for (const program of machine.missingPrograms) {
    check(
      false,
      `There is no program ${program}`,
      `Install it: apt-get install ${requiredPrograms[program] ?? program}`,
    );
  }
  for (const probe of machine.failedProbes) {
    if (probe === "overlayfs") {
      check(
        false,
        "Overlay file systems cannot be mounted over the state directory's file system",
        "Load the module (modprobe overlay), or put the checkout on ext4 or xfs instead of on another overlay",
      );
    } else if (probe === "veth") {
      check(
        false,
        "The kernel has no virtual network links",
        "Load the module (modprobe veth), or use a kernel with CONFIG_VETH",
      );
    } else {
      check(false, `The kernel refuses a new namespace (${probe.replace("namespace-", "")})`, NAMESPACE_MEND);
    }
  }
  for (const option of ["CONFIG_NETFILTER_XT_TARGET_NFQUEUE", "CONFIG_NETFILTER_NETLINK_QUEUE"]) {
    check(
      machine.kernelOptions === undefined ||
        ["y", "m"].some((value) => machine.kernelOptions?.has(`${option}=${value}`)),
      `The kernel was built without ${option}, by which NetworkPolicies are enforced`,
      "Use a distribution's kernel (linux-image-amd64 has it)",
    );
  }
  const missingControllers = NEEDED_CONTROLLERS.filter((each) => !machine.cgroupControllers.includes(each));
  check(
    missingControllers.length === 0,
    `Cgroups cannot be made with: ${missingControllers.join(", ")}`,
    "Mount cgroup v2 (or the v1 controllers) writable on /sys/fs/cgroup",
  );
  check(
    machine.isCgroupDivisible,
    "This container's own processes live in the root of its cgroups, which cannot be divided then",
    "Give the container the host's cgroup namespace (docker run --cgroupns=host)",
  );
  check(
    machine.availableMemoryBytes >= NEEDED_MEMORY_BYTES,
    `${gib(machine.availableMemoryBytes)} GiB of memory are available, ${gib(NEEDED_MEMORY_BYTES)} GiB are needed`,
    "End what uses it, or use a larger machine",
  );
  check(
    machine.freeDiskBytes >= NEEDED_DISK_BYTES,
    `${gib(machine.freeDiskBytes)} GiB of disk are free beside the state directory, ${gib(NEEDED_DISK_BYTES)} GiB are needed`,
    "Free some, or move the checkout to a larger disk",
  );
  check(
    machine.hasFreeLink,
    `The machine has addresses in or routes to all of ${linkPool}, where the cluster's own link takes its addresses`,
    `Find the route with: ip route get ${linkPool.replace("0/16", "1")}, and narrow it`,
  );
  return found;
}

async function inspectMachine(stateDir: string): Promise<Machine> {
  const isRootOnLinux = process.platform === "linux" && process.getuid?.() === 0;
  const id = clusterId(stateDir);
  const made = await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const missingPrograms = Object.keys(requiredPrograms).filter((each) => !isOnPath(each));
  const { bavail, bsize } = await statfs(stateDir);
  const failedProbes = isRootOnLinux && !missingPrograms.includes("unshare") ? await probe(stateDir) : [];
  if (made !== undefined) await rmdir(stateDir);
  return {
    platform: process.platform,
    uid: process.getuid?.() ?? -1,
    distributions: distributions(),
    missingPrograms,
    failedProbes,
    kernelOptions: kernelOptions(),
    cgroupControllers: cgroupControllers(),
    isCgroupDivisible: isCgroupDivisible(),
    availableMemoryBytes: availableMemory(),
    freeDiskBytes: bavail * bsize,
    hasFreeLink: process.platform !== "linux" || chooseLink(id, networksInUse(`bana-${id}`)) !== undefined,
  };
}

async function probe(stateDir: string): Promise<string[]> {
  const directory = await mkdtemp(path.join(stateDir, "probe-"));
  try {
    const script = path.join(import.meta.dirname, "node/probe.sh");
    const { stdout } = await promisify(execFile)("sh", [script, directory]);
    return stdout.split("\n").filter((line) => line !== "");
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function isOnPath(program: string): boolean {
  const directories = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/sbin"];
  return directories.some((directory) => isExecutable(path.join(directory, program)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function distributions(): string[] {
  const file = "/etc/os-release";
  if (!existsSync(file)) return [];
  return [...readFileSync(file, "utf8").matchAll(/^(?:ID|ID_LIKE)="?([^"\n]*)"?$/gm)].flatMap(
    ([, names]) => names?.split(" ") ?? [],
  );
}

function kernelOptions(): ReadonlySet<string> | undefined {
  const installed = `/boot/config-${release()}`;
  const text = existsSync("/proc/config.gz")
    ? gunzipSync(readFileSync("/proc/config.gz")).toString("utf8")
    : existsSync(installed)
      ? readFileSync(installed, "utf8")
      : undefined;
  return text === undefined ? undefined : new Set(text.split("\n"));
}

function cgroupControllers(): string[] {
  const root = "/sys/fs/cgroup";
  const unified = path.join(root, "cgroup.controllers");
  const names = existsSync(unified) ? readFileSync(unified, "utf8").trim().split(" ") : NEEDED_CONTROLLERS;
  const directory = (name: string) => (existsSync(unified) ? root : path.join(root, name));
  return names.filter((name) => isWritable(directory(name)));
}

/** In cgroup v2 only a group without processes can hand controllers down; the machine's true root is free of that. */
function isCgroupDivisible(): boolean {
  const read = (file: string) => {
    const place = path.join("/sys/fs/cgroup", file);
    return existsSync(place) ? readFileSync(place, "utf8").trim() : "";
  };
  const isTrueRoot = read("cgroup.type") === "";
  const handedDown = read("cgroup.subtree_control").split(" ");
  return isTrueRoot || read("cgroup.procs") === "" || NEEDED_CONTROLLERS.every((each) => handedDown.includes(each));
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function availableMemory(): number {
  const [, kibibytes] =
    /^MemAvailable:\s+(\d+) kB$/m.exec(existsSync("/proc/meminfo") ? readFileSync("/proc/meminfo", "utf8") : "") ?? [];
  return Number(kibibytes ?? 0) * 1024;
}

function gib(bytes: number): string {
  return (bytes / GIB).toFixed(1);
}
