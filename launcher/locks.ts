/** The locks of Pulumi's file backend: who works on the stack, and whether they still live. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";

/** A lock as Pulumi writes it. */
export interface Lock {
  readonly file: string;
  readonly pid: number;
  readonly hostname: string;
  readonly timestamp: string;
}

/** The locks of a stack, without those that an ended process of this machine left behind. */
export async function liveLocks(backend: string, project: string, stack: string): Promise<readonly Lock[]> {
  const directory = path.join(backend, ".pulumi", "locks", "organization", project, stack);
  if (!existsSync(directory)) return [];
  // The backend keeps attributes of each lock beside it, in a file of their own.
  const names = readdirSync(directory).filter((name) => name.endsWith(".json"));
  const locks = names.flatMap((name) => readLock(path.join(directory, name)));
  const dead = locks.filter(isLeftBehind);
  for (const { file } of dead) {
    await rm(file, { force: true });
    await rm(`${file}.attrs`, { force: true });
  }
  return locks.filter((lock) => !dead.includes(lock));
}

function readLock(file: string): Lock[] {
  try {
    return [{ ...(JSON.parse(readFileSync(file, "utf8")) as Omit<Lock, "file">), file }];
  } catch {
    // Gone by now, or half written by a process that was killed: nobody's, either way.
    return existsSync(file) ? [{ file, pid: 0, hostname: hostname(), timestamp: "" }] : [];
  }
}

function isLeftBehind({ pid, hostname: host }: Lock): boolean {
  return host === hostname() && !isPulumi(pid);
}

/** Whether a process is Pulumi: another one may have got the number of a process that has ended. */
function isPulumi(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "pulumi";
  } catch {
    return false;
  }
}
