import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, truncate } from "node:fs/promises";
import path from "node:path";
import { type Change, State } from "./state.ts";

/** Lines for the log, or those of the snapshot that ends it. */
interface Task {
  readonly line?: string;
  readonly snapshot?: readonly string[];
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Keeps a state on the disk: `snapshot-N` is the state at some moment, `log-N` the changes since then, a line each. What
 * was appended is on the disk before the promise is fulfilled, and a kill at any moment loses nothing of it. After a
 * failure to write nothing more can be appended: only a start anew tells what is on the disk.
 */
export class Journal {
  readonly #directory: string;
  #number: number;
  #log: FileHandle;
  #changes = 0;
  #tasks: Task[] = [];
  #working: Promise<void> | undefined;

  private constructor(directory: string, number: number, log: FileHandle) {
    this.#directory = directory;
    this.#number = number;
    this.#log = log;
  }

  /**
   * Opens the journal in a directory, which is made if it is not there.
   * @throws Error when a file of it is damaged elsewhere than in the line that a kill cut off
   */
  static async open(directory: string): Promise<{ journal: Journal; state: State }> {
    await mkdir(directory, { recursive: true });
    const files = await readdir(directory);
    for (const unfinished of files.filter((name) => name.endsWith(".tmp"))) await rm(path.join(directory, unfinished));
    const snapshot = Math.max(0, ...numbers(files, "snapshot"));
    const logs = numbers(files, "log").filter((number) => number >= snapshot);
    const state = new State();
    if (snapshot > 0) await replay(path.join(directory, `snapshot-${snapshot}`), state);
    for (const number of logs) await replay(path.join(directory, `log-${number}`), state);
    const number = logs.at(-1) ?? snapshot;
    const log = await open(path.join(directory, `log-${number}`), "a");
    await syncDirectory(directory);
    return { journal: new Journal(directory, number, log), state };
  }

  /** How often something was appended since the last snapshot of this process. */
  get changesSinceSnapshot(): number {
    return this.#changes;
  }

  /** Appends changes: after a kill, all of them are there or none. */
  append(changes: readonly Change[]): Promise<void> {
    this.#changes++;
    return this.#enqueue({ line: `${JSON.stringify(changes)}\n` });
  }

  /** Writes the state of this moment, begins a new log, and removes what is before it. */
  snapshot(state: State): Promise<void> {
    this.#changes = 0;
    return this.#enqueue({ snapshot: linesOf(state) });
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    await this.#working;
    await this.#log.close();
  }

  #enqueue(task: Pick<Task, "line" | "snapshot">): Promise<void> {
    return new Promise((done, failed) => {
      this.#tasks.push({ ...task, done, failed });
      this.#working ??= this.#work();
    });
  }

  async #work(): Promise<void> {
    let now: Task[] = [];
    try {
      while (this.#tasks.length > 0) {
        // Lines that came while the disk was at work share the next write; a snapshot waits for those before it.
        const lines = this.#tasks.findIndex(({ line }) => line === undefined);
        now = this.#tasks.splice(0, lines === -1 ? this.#tasks.length : Math.max(1, lines));
        const [{ snapshot } = {}] = now;
        if (snapshot !== undefined) await this.#rotate(snapshot);
        else await this.#write(now.map(({ line }) => line).join(""));
        for (const { done } of now) done();
      }
      this.#working = undefined;
    } catch (error) {
      for (const { failed } of [...now, ...this.#tasks.splice(0)]) failed(error);
    }
  }

  async #write(lines: string): Promise<void> {
    await this.#log.appendFile(lines);
    await this.#log.datasync();
  }

  async #rotate(snapshot: readonly string[]): Promise<void> {
    const number = this.#number + 1;
    await writeWhole(path.join(this.#directory, `snapshot-${number}`), snapshot);
    await this.#log.close();
    this.#log = await open(path.join(this.#directory, `log-${number}`), "a");
    this.#number = number;
    await syncDirectory(this.#directory);
    const files = await readdir(this.#directory);
    for (const kind of ["log", "snapshot"]) {
      const old = numbers(files, kind).filter((each) => each < number);
      for (const each of old) await rm(path.join(this.#directory, `${kind}-${each}`));
    }
  }
}

/** Writes the state into another directory, which a journal can be opened in. */
export async function copyTo(directory: string, state: State): Promise<void> {
  const lines = linesOf(state);
  await mkdir(directory, { recursive: true });
  await writeWhole(path.join(directory, "snapshot-1"), lines);
}

function linesOf(state: State): string[] {
  return [...state.changes()].map((change) => `${JSON.stringify([change])}\n`);
}

function numbers(files: readonly string[], kind: string): number[] {
  const pattern = new RegExp(`^${kind}-(\\d+)$`);
  return files.flatMap((name) => pattern.exec(name)?.slice(1).map(Number) ?? []).sort((a, b) => a - b);
}

/** Applies the changes of a file; a last line without an end, which nobody was told is written, is cut off. */
async function replay(file: string, state: State): Promise<void> {
  const content = await readFile(file);
  let begin = 0;
  for (let end = content.indexOf("\n"); end >= 0; end = content.indexOf("\n", begin)) {
    try {
      for (const change of JSON.parse(content.toString("utf8", begin, end)) as Change[]) state.apply(change);
    } catch (error) {
      throw new Error(`${file} is damaged at byte ${begin}`, { cause: error });
    }
    begin = end + 1;
  }
  if (begin < content.length) await truncate(file, begin);
}

async function writeWhole(file: string, lines: readonly string[]): Promise<void> {
  const unfinished = `${file}.tmp`;
  const handle = await open(unfinished, "w");
  await handle.writeFile(lines.join(""));
  await handle.sync();
  await handle.close();
  await rename(unfinished, file);
  await syncDirectory(path.dirname(file));
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  await handle.sync();
  await handle.close();
}
