import { execFile } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, rmdir, statfs } from "node:fs/promises";
import { release } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { chooseLink, networksInUse } from "./node/link.ts";
import { clusterId } from "./node/spec.ts";

/** Properties of this machine that the embedded cluster depends on. */
export interface Machine {
  /** ID and ID_LIKE of /etc/os-release. */
  readonly distributions: readonly string[];
  /** Programs of `requiredPrograms` that are not on PATH. */
  readonly missingPrograms: readonly string[];
  /** Checks of `node/probe.sh` that failed: "overlayfs", "veth", "namespace-pid", ... */
  readonly failedProbes: readonly string[];
  /** Build options of the running kernel, e.g. CONFIG_VETH=y; undefined if they are not available. */
  readonly kernelOptions: ReadonlySet<string> | undefined;
  /** Cgroup controllers for which this process can create cgroups. */
  readonly cgroupControllers: readonly string[];
  /** Whether the root cgroup can delegate controllers to child cgroups. False only in some containers. */
  readonly canDelegateControllers: boolean;
  readonly availableMemoryBytes: number;
  /** Free space on the state directory's file system. */
  readonly freeDiskBytes: number;
  /** Whether a /30 network is free for the link between host and node. */
  readonly hasFreeNetwork: boolean;
}

/** Cgroup controllers that the kubelet requires. */
export const requiredControllers: readonly string[] = ["cpu", "cpuset", "memory", "pids"];

/** Programs required to start a node, each with its Debian package. */
export const requiredPrograms: Readonly<Record<string, string>> = {
  unshare: "util-linux",
  nsenter: "util-linux",
  flock: "util-linux",
  pivot_root: "util-linux",
  mount: "mount",
  tar: "tar",
};

/** Inspects the machine in a few hundred milliseconds and leaves nothing behind. Requires root on Linux. */
export async function inspectMachine(stateDir: string): Promise<Machine> {
  const id = clusterId(stateDir);
  const topmost = await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const missingPrograms = Object.keys(requiredPrograms).filter((each) => !isOnPath(each));
  const { bavail, bsize } = await statfs(stateDir);
  const failedProbes = missingPrograms.includes("unshare") ? [] : await probe(stateDir);
  if (topmost !== undefined) await removeEmpty(path.resolve(stateDir), topmost);
  return {
    distributions: distributions(),
    missingPrograms,
    failedProbes,
    kernelOptions: kernelOptions(),
    cgroupControllers: cgroupControllers(),
    canDelegateControllers: canDelegateControllers(),
    availableMemoryBytes: availableMemory(),
    freeDiskBytes: bavail * bsize,
    hasFreeNetwork: chooseLink(id, networksInUse(`bana-${id}`)) !== undefined,
  };
}

/** Removes the empty `directory` and its empty parents up to and including `topmost`. */
async function removeEmpty(directory: string, topmost: string): Promise<void> {
  await rmdir(directory);
  if (directory !== topmost) await removeEmpty(path.dirname(directory), topmost);
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
  const names = existsSync(unified) ? readFileSync(unified, "utf8").trim().split(" ") : requiredControllers;
  const directory = (name: string) => (existsSync(unified) ? root : path.join(root, name));
  return names.filter((name) => isWritable(directory(name)));
}

/** cgroup v2: only a cgroup without processes can delegate controllers. The root cgroup of the host is exempt. */
function canDelegateControllers(): boolean {
  const read = (file: string) => {
    const location = path.join("/sys/fs/cgroup", file);
    return existsSync(location) ? readFileSync(location, "utf8").trim() : "";
  };
  const isHostRoot = read("cgroup.type") === "";
  const delegated = read("cgroup.subtree_control").split(" ");
  return isHostRoot || read("cgroup.procs") === "" || requiredControllers.every((each) => delegated.includes(each));
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
