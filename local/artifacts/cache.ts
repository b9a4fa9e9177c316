import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";

/** Inputs of a build: any JSON value that determines the artifact's content. */
export type Inputs = string | number | boolean | null | readonly Inputs[] | { readonly [key: string]: Inputs };

/** Identifies an artifact. */
export interface CacheKey {
  /** Cache directory, shared by all checkouts and runs on the machine. */
  readonly cacheDir: string;
  /** Name of the artifact; part of its path. */
  readonly name: string;
  /** Build inputs; different inputs give a different entry. */
  readonly inputs: Inputs;
}

/** An artifact and its build. */
export interface CacheEntry extends CacheKey {
  /** Builds the artifact in `directory`, which exists and is empty. */
  readonly build: (directory: string) => Promise<void>;
  /** Called before waiting for another process that builds the same entry. */
  readonly onWait?: () => void;
}

/** Directory of an artifact, whether or not it is built yet. */
export function entryPath({ cacheDir, name, inputs }: CacheKey): string {
  return path.join(cacheDir, "artifacts", `${name}-${digest(inputs)}`);
}

const WAIT_NOTICE_MS = 500;

/**
 * Returns the directory of an artifact, building it first if it is missing. Entries appear atomically: a build uses a
 * temporary directory that is renamed at the end. The next build removes the temporary directory of a killed one.
 * Concurrent requests for one entry wait, and only one of them builds it.
 */
export async function cached({ build, onWait, ...key }: CacheEntry): Promise<string> {
  const entry = entryPath(key);
  if (existsSync(entry)) return entry;
  await mkdir(path.dirname(entry), { recursive: true });
  const lock = path.join(key.cacheDir, "locks", path.basename(entry));
  const buildOnce = async (): Promise<string> => {
    if (existsSync(entry)) return entry;
    await removePartialBuilds(entry);
    const partial = `${entry}.${process.pid}.partial`;
    await mkdir(partial);
    try {
      await build(partial);
      await rename(partial, entry);
    } catch (error) {
      await rm(partial, { recursive: true, force: true });
      throw error;
    }
    return entry;
  };
  return withLock(lock, buildOnce, onWait);
}

/** Runs `work` while holding the lock file `lock` exclusively. If the process is killed, the lock is released. */
export async function withLock<T>(lock: string, work: () => Promise<T>, onWait?: () => void): Promise<T> {
  await mkdir(path.dirname(lock), { recursive: true });
  // The flock process exits, and the kernel releases its lock, when our end of the pipe closes, even after SIGKILL.
  const holder = spawn("flock", ["--exclusive", lock, "sh", "-c", "echo held; exec cat"], {
    stdio: ["pipe", "pipe", "inherit"],
    // Ctrl-C signals the whole process group; the lock must outlive our cleanup.
    detached: true,
  });
  const ended = new Promise<void>((resolve) => holder.once("close", () => resolve()));
  const waiting = setTimeout(() => onWait?.(), WAIT_NOTICE_MS);
  await new Promise<void>((resolve, reject) => {
    holder.stdout.once("data", () => resolve());
    holder.once("error", (error) => reject(new Error(`cannot run flock (package util-linux): ${error.message}`)));
    holder.once("close", (code) => reject(new Error(`flock ${lock} exited with code ${code}`)));
  }).finally(() => clearTimeout(waiting));
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await ended;
  }
}

async function removePartialBuilds(entry: string): Promise<void> {
  const prefix = `${path.basename(entry)}.`;
  for (const name of await readdir(path.dirname(entry))) {
    if (name.startsWith(prefix)) await rm(path.join(path.dirname(entry), name), { recursive: true, force: true });
  }
}

/** Sixteen hexadecimal digits; independent of the order of keys. */
export function digest(inputs: Inputs): string {
  const canonical = JSON.stringify(inputs, (_key, value: unknown) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash("sha256").update(canonical).digest("hex").slice(0, 16);
}
