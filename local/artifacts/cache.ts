import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";

/** What an artifact is made from: any JSON value that determines its content. */
export type Inputs = string | number | boolean | null | readonly Inputs[] | { readonly [key: string]: Inputs };

/** Which artifact is meant. */
export interface CacheKey {
  /** Directory of the cache; shared by every checkout and every run on the machine. */
  readonly cacheDir: string;
  /** Says what the artifact is; part of its path. */
  readonly name: string;
  /** What the artifact is made from. Another value makes another entry. */
  readonly inputs: Inputs;
}

/** Which artifact is meant, and how it is made. */
export interface CacheEntry extends CacheKey {
  /** Makes the artifact in `directory`, which exists and is empty. */
  readonly build: (directory: string) => Promise<void>;
  /** Called if another process is at work on the same entry, before waiting for it. */
  readonly onWait?: () => void;
}

/** The directory that holds an artifact, or that will. */
export function entryPath({ cacheDir, name, inputs }: CacheKey): string {
  return path.join(cacheDir, "artifacts", `${name}-${digest(inputs)}`);
}

const WAIT_NOTICE_MS = 500;

/**
 * The directory that holds an artifact, built first if it is not there. An entry appears whole or not at all: a build
 * works in a directory beside it, which is renamed at the end; what a killed build left is removed by the next one.
 * Runs that want the same entry wait for one another, and one of them builds it.
 */
export async function cached({ build, onWait, ...key }: CacheEntry): Promise<string> {
  const entry = entryPath(key);
  if (existsSync(entry)) return entry;
  await mkdir(path.dirname(entry), { recursive: true });
  const lock = path.join(key.cacheDir, "locks", path.basename(entry));
  const makeIt = async (): Promise<string> => {
    if (existsSync(entry)) return entry;
    await removeAbandoned(entry);
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
  return withLock(lock, makeIt, onWait);
}

/** Runs `work` while no other process or caller holds the lock file `lock`. A killed holder's lock is free at once. */
export async function withLock<T>(lock: string, work: () => Promise<T>, onWait?: () => void): Promise<T> {
  await mkdir(path.dirname(lock), { recursive: true });
  // The kernel drops a flock when its holder ends, and this holder ends when our end of the pipe closes, however we die.
  const holder = spawn("flock", ["--exclusive", lock, "sh", "-c", "echo held; exec cat"], {
    stdio: ["pipe", "pipe", "inherit"],
    // Ctrl-C reaches a whole process group: the lock must outlast our own clean-up.
    detached: true,
  });
  const ended = new Promise<void>((resolve) => holder.once("close", () => resolve()));
  const waiting = setTimeout(() => onWait?.(), WAIT_NOTICE_MS);
  await new Promise<void>((resolve, reject) => {
    holder.stdout.once("data", () => resolve());
    holder.once("error", (error) => reject(new Error(`flock (package util-linux) cannot be run: ${error.message}`)));
    holder.once("close", (code) => reject(new Error(`flock ${lock} ended with code ${code}`)));
  }).finally(() => clearTimeout(waiting));
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await ended;
  }
}

async function removeAbandoned(entry: string): Promise<void> {
  const prefix = `${path.basename(entry)}.`;
  for (const name of await readdir(path.dirname(entry))) {
    if (name.startsWith(prefix)) await rm(path.join(path.dirname(entry), name), { recursive: true, force: true });
  }
}

/** Sixteen hexadecimal digits that are the same for equal inputs, whatever the order of their keys. */
export function digest(inputs: Inputs): string {
  const canonical = JSON.stringify(inputs, (_key, value: unknown) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash("sha256").update(canonical).digest("hex").slice(0, 16);
}
