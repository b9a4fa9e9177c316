import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { rm, rmdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const POLL_MS = 100;
const GONE_MS = 5000;
const CGROUPS = "/sys/fs/cgroup";

/** Waits until the kernel has removed the host's end of a dead node's link, and removes it itself if it does not. */
export async function removeLink(name: string): Promise<void> {
  const device = `/sys/class/net/${name}`;
  if (await isGone(device)) return;
  await run("ip", ["link", "delete", name]).catch((error: unknown) => {
    throw new Error(`network link ${name} is still there; remove it with: ip link delete ${name} (${String(error)})`);
  });
}

/**
 * Removes a node's branch from every cgroup hierarchy. Kills what still lives in it: a node whose state directory was
 * deleted under it can be found by nothing else.
 */
export async function removeCgroups(name: string): Promise<void> {
  const isUnified = existsSync(path.join(CGROUPS, "cgroup.controllers"));
  const hierarchies = isUnified ? [CGROUPS] : readdirSync(CGROUPS).map((each) => path.join(CGROUPS, each));
  const branches = hierarchies.map((hierarchy) => path.join(hierarchy, name)).filter((branch) => existsSync(branch));
  for (const branch of branches) killMembers(branch);
  await Promise.all(branches.map((branch) => removeBranch(branch)));
}

/**
 * Removes a directory tree. Refuses, and names them, if something is mounted below it: what is mounted is not ours to
 * remove.
 */
export async function removeTree(directory: string): Promise<void> {
  const mounted = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .flatMap((line) => line.split(" ")[4] ?? [])
    .filter((place) => place === directory || place.startsWith(`${directory}/`));
  if (mounted.length > 0) {
    throw new Error(`${directory} has mounts below it; remove them with: umount ${mounted.reverse().join(" ")}`);
  }
  await rm(directory, { recursive: true, force: true });
}

function killMembers(group: string): void {
  for (const child of children(group)) killMembers(child);
  for (const pid of readFileSync(path.join(group, "cgroup.procs"), "utf8").split("\n").filter(Boolean)) {
    try {
      process.kill(Number(pid), "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

function children(group: string): string[] {
  const entries = readdirSync(group, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => path.join(group, name));
}

async function removeBranch(group: string): Promise<void> {
  for (const child of children(group)) await removeBranch(child);
  const deadline = Date.now() + GONE_MS;
  for (;;) {
    try {
      await rmdir(group);
      return;
    } catch (error) {
      // A process that was just killed counts until the kernel is through with it.
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
