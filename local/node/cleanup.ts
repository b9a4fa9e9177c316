import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { realpath, rename, rm, rmdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const POLL_MS = 100;
const GONE_MS = 5000;
const CGROUPS = "/sys/fs/cgroup";

/** Waits up to 5 s for the kernel to remove a dead node's link on the host, then deletes it. */
export async function removeLink(name: string): Promise<void> {
  const device = `/sys/class/net/${name}`;
  if (await isGone(device)) return;
  await run("ip", ["link", "delete", name]).catch((error: unknown) => {
    throw new Error(`cannot delete network link ${name} (${String(error)}): delete it with: ip link delete ${name}`);
  });
}

/**
 * Removes a node's cgroup from every hierarchy and kills the processes in it. If a node's state directory was deleted
 * while it ran, its cgroup is the only way to find it.
 */
export async function removeCgroups(name: string): Promise<void> {
  const isUnified = existsSync(path.join(CGROUPS, "cgroup.controllers"));
  const hierarchies = isUnified ? [CGROUPS] : readdirSync(CGROUPS).map((each) => path.join(CGROUPS, each));
  const cgroups = hierarchies.map((hierarchy) => path.join(hierarchy, name)).filter((cgroup) => existsSync(cgroup));
  for (const cgroup of cgroups) killProcesses(cgroup);
  await Promise.all(cgroups.map((cgroup) => removeCgroup(cgroup)));
}

/**
 * Removes a directory tree and the remains of an interrupted removal. Renames the directory first, so that its own name
 * always refers to a complete tree or to nothing. Throws if the tree contains mounts, because removal would delete the
 * mounted files.
 */
export async function removeTree(directory: string): Promise<void> {
  await finishRemoval(directory);
  if (!existsSync(directory)) return;
  const target = await realpath(directory);
  assertNoMounts(target);
  await rename(target, removedName(target));
  await finishRemoval(target);
}

/** Removes the remains of an interrupted {@link removeTree} of this directory. */
export async function finishRemoval(directory: string): Promise<void> {
  const remains = removedName(directory);
  if (!existsSync(remains)) return;
  assertNoMounts(await realpath(remains));
  await rm(remains, { recursive: true, force: true });
}

const removedName = (directory: string): string => `${directory}.removed`;

function assertNoMounts(directory: string): void {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .flatMap((line) => line.split(" ")[4] ?? [])
    .filter((mount) => mount === directory || mount.startsWith(`${directory}/`));
  if (mounts.length > 0) {
    throw new Error(`${directory} contains mounts: unmount them with: umount ${mounts.reverse().join(" ")}`);
  }
}

function killProcesses(group: string): void {
  for (const child of children(group)) killProcesses(child);
  for (const pid of readFileSync(path.join(group, "cgroup.procs"), "utf8").split("\n").filter(Boolean)) {
    signal(Number(pid), "SIGKILL");
  }
}

/** Sends a signal; does nothing if the process has exited. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function children(group: string): string[] {
  const entries = readdirSync(group, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => path.join(group, name));
}

async function removeCgroup(group: string): Promise<void> {
  for (const child of children(group)) await removeCgroup(child);
  const deadline = Date.now() + GONE_MS;
  for (;;) {
    try {
      await rmdir(group);
      return;
    } catch (error) {
      // A killed process stays in its cgroup until the kernel has reaped it.
      const isBusy = (error as NodeJS.ErrnoException).code === "EBUSY";
      if (!isBusy || Date.now() > deadline) throw error;
      await sleep(POLL_MS);
    }
  }
}

async function isGone(file: string): Promise<boolean> {
  const deadline = Date.now() + GONE_MS;
  while (existsSync(file) && Date.now() < deadline) await sleep(POLL_MS);
  return !existsSync(file);
}
