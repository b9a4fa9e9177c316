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
 * Removes a directory tree, and what an earlier call left that was killed. The directory goes under another name first:
 * under its own it is either whole or not there, whenever this is interrupted. Refuses, and names them, if something is
 * mounted below it: what is mounted is not ours to remove.
 */
export async function removeTree(directory: string): Promise<void> {
  await finishRemoval(directory);
  if (!existsSync(directory)) return;
  const whole = await realpath(directory);
  refuseMounts(whole);
  await rename(whole, removedName(whole));
  await finishRemoval(whole);
}

/** Removes what a {@link removeTree} of this directory left that was killed. */
export async function finishRemoval(directory: string): Promise<void> {
  const rest = removedName(directory);
  if (!existsSync(rest)) return;
  refuseMounts(await realpath(rest));
  await rm(rest, { recursive: true, force: true });
}

const removedName = (directory: string): string => `${directory}.removed`;

function refuseMounts(directory: string): void {
  const mounted = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .flatMap((line) => line.split(" ")[4] ?? [])
    .filter((place) => place === directory || place.startsWith(`${directory}/`));
  if (mounted.length > 0) {
    throw new Error(`${directory} has mounts below it; remove them with: umount ${mounted.reverse().join(" ")}`);
  }
}

function killMembers(group: string): void {
  for (const child of children(group)) killMembers(child);
  for (const pid of readFileSync(path.join(group, "cgroup.procs"), "utf8").split("\n").filter(Boolean)) {
    signal(Number(pid), "SIGKILL");
  }
}

/** Sends a signal to a process that may have ended meanwhile. */
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
