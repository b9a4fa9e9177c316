/** The locks of Pulumi's file backend. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";

/** The content of Pulumi's lock file. */
export interface Lock {
  readonly file: string;
  readonly pid: number;
  readonly hostname: string;
  readonly timestamp: string;
}

/** The locks of a stack. Removes stale ones: those of processes of this machine that have exited. */
export async function liveLocks(backend: string, project: string, stack: string): Promise<readonly Lock[]> {
  const directory = path.join(backend, ".pulumi", "locks", "organization", project, stack);
  if (!existsSync(directory)) return [];
  // The backend may write an .attrs file beside each lock.
  const names = readdirSync(directory).filter((name) => name.endsWith(".json"));
  const locks = names.flatMap((name) => readLock(path.join(directory, name)));
  const stale = locks.filter(isStale);
  for (const { file } of stale) {
    await rm(file, { force: true });
    await rm(`${file}.attrs`, { force: true });
  }
  return locks.filter((lock) => !stale.includes(lock));
}

function readLock(file: string): Lock[] {
  try {
    return [{ ...(JSON.parse(readFileSync(file, "utf8")) as Omit<Lock, "file">), file }];
  } catch {
    // Removed meanwhile, or incomplete because its process was killed: pid 0 marks the latter as stale.
    return existsSync(file) ? [{ file, pid: 0, hostname: hostname(), timestamp: "" }] : [];
  }
}

function isStale({ pid, hostname: host }: Lock): boolean {
  return host === hostname() && !isPulumi(pid);
}

/** Whether the process is Pulumi: the pid of an exited process may have been reused. */
function isPulumi(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "pulumi";
  } catch {
    return false;
  }
}
