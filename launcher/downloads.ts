/** Downloads into the cache. A failure is recorded in the cache, and the caller uses a substitute. */
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { cached, entryPath, type CacheKey } from "../local/artifacts/cache.ts";
import type { PhaseLog, Reporter } from "../local/report.ts";

const RETRY_AFTER_MS = 12 * 60 * 60 * 1000;

export interface Download {
  readonly key: CacheKey;
  /** Title of its phase. The phase succeeds even if the download fails, so the title must not claim a download. */
  readonly title: string;
  readonly report: Reporter;
  /** Downloads into the directory, which is empty. */
  readonly fill: (directory: string, log: PhaseLog) => Promise<void>;
}

/**
 * The directory of a download, from the cache or downloaded now; undefined if the download fails. After a failure it is
 * not retried for twelve hours, or until the cache's directory `failed-downloads` is deleted.
 */
export async function tryDownload({ key, title, report, fill }: Download): Promise<string | undefined> {
  const entry = entryPath(key);
  if (existsSync(entry)) return entry;
  const failure = path.join(key.cacheDir, "failed-downloads", path.basename(entry));
  if (await isRecent(failure)) return undefined;
  return report.phase(title, async (log) => {
    try {
      await cached({ ...key, build: (directory) => fill(directory, log) });
    } catch (error) {
      // Not an error: the caller has a substitute.
      const reason = error instanceof Error ? error.message : String(error);
      await mkdir(path.dirname(failure), { recursive: true });
      await writeFile(failure, JSON.stringify({ at: Date.now(), reason }));
      return undefined;
    }
    await rm(failure, { force: true });
    return entry;
  });
}

async function isRecent(file: string): Promise<boolean> {
  try {
    const { at } = JSON.parse(await readFile(file, "utf8")) as { at: number };
    const age = Date.now() - at;
    return age >= 0 && age < RETRY_AFTER_MS;
  } catch {
    // No failure is recorded, or the record is incomplete after a crash.
    return false;
  }
}
