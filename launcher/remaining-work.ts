/** How much is left of work that takes minutes, told from how much of it is done. */
import { availableParallelism } from "node:os";

/** The titles of phases, and the seconds that each takes alone on a quiet machine of two cores. */
export type ExpectedWork = ReadonlyMap<string, number>;

/** A phase that runs: its title, and how much of it is done, from 0 to 1. */
export interface Progress {
  readonly title: string;
  readonly done: number;
}

const REFERENCE_CORES = 2;
/** More cores make it no quicker: much of it is done one after the other. */
const MOST_CORES = 8;
/** Shorter work is not announced. */
const LONG_SECONDS = 60;
/** From this part on the speed that was seen counts, not the expected one. */
const TRUSTED_PART = 0.05;

export class RemainingWork {
  readonly #begun: number;
  readonly #expected: ExpectedWork;
  readonly #ended = new Set<string>();
  readonly #total: number;

  /** @param begun the time in milliseconds. @default now */
  constructor(expected: ExpectedWork, begun = performance.now()) {
    this.#begun = begun;
    this.#expected = expected;
    this.#total = [...expected.values()].reduce((sum, seconds) => sum + seconds, 0);
  }

  get isLong(): boolean {
    return this.#total >= LONG_SECONDS && this.#ended.size < this.#expected.size;
  }

  /** Takes note of the end of a phase; one that was not expected has no part in it. */
  end(title: string): void {
    if (this.#expected.has(title)) this.#ended.add(title);
  }

  /** "about 12 minutes": at the speed seen so far; before there is one, by the number of cores. */
  left(running: readonly Progress[], now = performance.now()): string {
    const seconds = (title: string) => this.#expected.get(title) ?? 0;
    const ended = [...this.#ended].reduce((sum, title) => sum + seconds(title), 0);
    const done = running.reduce((sum, { title, done }) => sum + seconds(title) * done, ended);
    const open = this.#total - done;
    const isKnown = done >= this.#total * TRUSTED_PART;
    const left = isKnown
      ? (open * (now - this.#begun)) / 1000 / done
      : (open * REFERENCE_CORES) / Math.min(availableParallelism(), MOST_CORES);
    const minutes = Math.max(Math.ceil(left / 60), 1);
    return `about ${String(minutes)} ${minutes === 1 ? "minute" : "minutes"}`;
  }
}
