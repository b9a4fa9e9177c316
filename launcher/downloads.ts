/** Downloads into the cache that may well be impossible: then that is remembered, and something else takes their place. */
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { cached, entryPath, type CacheKey } from "../local/artifacts/cache.ts";
import type { PhaseLog, Reporter } from "../local/report.ts";

const RETRY_AFTER_MS = 12 * 60 * 60 * 1000;

export interface Download {
  readonly key: CacheKey;
  /** Title of its phase, which ends well even if the download is not possible: say what is looked for. */
  readonly title: string;
  readonly report: Reporter;
  /** Fills the directory, which is empty. */
  readonly fill: (directory: string, log: PhaseLog) => Promise<void>;
}

/**
 * The directory that a download filled, now or earlier; undefined if it is not possible. After a failure the next twelve
 * hours' starts do not try again; deleting the folder `failed-downloads` of the cache makes them.
 */
export async function downloaded({ key, title, report, fill }: Download): Promise<string | undefined> {
  const entry = entryPath(key);
  if (existsSync(entry)) return entry;
  const failed = path.join(key.cacheDir, "failed-downloads", path.basename(entry));
  if (await isRecent(failed)) return undefined;
  return report.phase(title, async (log) => {
    try {
      await cached({ ...key, build: (directory) => fill(directory, log) });
    } catch (error) {
      // No failure of the start: the caller has a substitute.
      const reason = error instanceof Error ? error.message : String(error);
      await mkdir(path.dirname(failed), { recursive: true });
      await writeFile(failed, JSON.stringify({ at: Date.now(), reason }));
      return undefined;
    }
    await rm(failed, { force: true });
    return entry;
  });
}

async function isRecent(file: string): Promise<boolean> {
  try {
    const { at } = JSON.parse(await readFile(file, "utf8")) as { at: number };
    const age = Date.now() - at;
    return age >= 0 && age < RETRY_AFTER_MS;
  } catch {
    // None, or one that was being written when the machine went down: the download is tried.
    return false;
  }
}
