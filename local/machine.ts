import { execFile } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, rmdir, statfs } from "node:fs/promises";
import { release } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { chooseLink, networksInUse } from "./node/link.ts";
import { clusterId } from "./node/spec.ts";

/** What of this machine matters to the embedded cluster. */
export interface Machine {
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

/** Cgroup controllers that the kubelet does not run without. */
export const neededControllers: readonly string[] = ["cpu", "cpuset", "memory", "pids"];

/** Programs that starting a node takes, each with the Debian package that has it. */
export const requiredPrograms: Readonly<Record<string, string>> = {
  unshare: "util-linux",
  nsenter: "util-linux",
  flock: "util-linux",
  pivot_root: "util-linux",
  mount: "mount",
  tar: "tar",
};

/** Looks at the machine, as root on Linux, and leaves nothing behind. Takes some hundred milliseconds. */
export async function inspectMachine(stateDir: string): Promise<Machine> {
  const id = clusterId(stateDir);
  const made = await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const missingPrograms = Object.keys(requiredPrograms).filter((each) => !isOnPath(each));
  const { bavail, bsize } = await statfs(stateDir);
  const failedProbes = missingPrograms.includes("unshare") ? [] : await probe(stateDir);
  if (made !== undefined) await removeEmpty(path.resolve(stateDir), made);
  return {
    distributions: distributions(),
    missingPrograms,
    failedProbes,
    kernelOptions: kernelOptions(),
    cgroupControllers: cgroupControllers(),
    isCgroupDivisible: isCgroupDivisible(),
    availableMemoryBytes: availableMemory(),
    freeDiskBytes: bavail * bsize,
    hasFreeLink: chooseLink(id, networksInUse(`bana-${id}`)) !== undefined,
  };
}

/** Removes `directory` and those above it up to `topmost`, all of them empty. */
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
  const names = existsSync(unified) ? readFileSync(unified, "utf8").trim().split(" ") : neededControllers;
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
  return isTrueRoot || read("cgroup.procs") === "" || neededControllers.every((each) => handedDown.includes(each));
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
