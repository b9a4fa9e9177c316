/** Estimates the remaining time of long work from its progress. */
import { availableParallelism } from "node:os";

/** Titles of phases, and the seconds that each takes alone on an otherwise idle machine with two cores. */
export type ExpectedWork = ReadonlyMap<string, number>;

/** A running phase, and the fraction of it that is done, from 0 to 1. */
export interface Progress {
  readonly title: string;
  readonly done: number;
}

const REFERENCE_CORES = 2;
/** More cores do not shorten the work: much of it is sequential. */
const MAX_USEFUL_CORES = 8;
/** Shorter work is not announced. */
const LONG_SECONDS = 60;
/** Fraction of the work after which the measured speed replaces the expected one. */
const MEASURABLE_FRACTION = 0.05;

export class RemainingWork {
  readonly #startedAt: number;
  readonly #expected: ExpectedWork;
  readonly #ended = new Set<string>();
  readonly #total: number;

  /** @param startedAt start time in milliseconds of `performance.now()`. @default now */
  constructor(expected: ExpectedWork, startedAt = performance.now()) {
    this.#startedAt = startedAt;
    this.#expected = expected;
    this.#total = [...expected.values()].reduce((sum, seconds) => sum + seconds, 0);
  }

  get isLong(): boolean {
    return this.#total >= LONG_SECONDS && this.#ended.size < this.#expected.size;
  }

  /** Records the end of a phase. Ignores phases that are not part of the expected work. */
  end(title: string): void {
    if (this.#expected.has(title)) this.#ended.add(title);
  }

  /** "about 12 minutes": from the measured speed, or initially from the number of cores. */
  left(running: readonly Progress[], now = performance.now()): string {
    const seconds = (title: string) => this.#expected.get(title) ?? 0;
    const ended = [...this.#ended].reduce((sum, title) => sum + seconds(title), 0);
    const done = running.reduce((sum, { title, done }) => sum + seconds(title) * done, ended);
    const remaining = this.#total - done;
    const isMeasured = done >= this.#total * MEASURABLE_FRACTION;
    const left = isMeasured
      ? (remaining * (now - this.#startedAt)) / 1000 / done
      : (remaining * REFERENCE_CORES) / Math.min(availableParallelism(), MAX_USEFUL_CORES);
    const minutes = Math.max(Math.ceil(left / 60), 1);
    return `about ${String(minutes)} ${minutes === 1 ? "minute" : "minutes"}`;
  }
}
