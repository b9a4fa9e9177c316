import { setTimeout as sleep } from "node:timers/promises";

/** How long {@link eventually} tries. */
export interface Patience {
  /** Seconds until it gives up. @default 60 */
  readonly timeout?: number;
  /** Seconds between two tries. @default 0.5 */
  readonly interval?: number;
}

/**
 * Tries a condition until it holds, and returns what it returned. A condition does not hold while it throws (an `expect` will do)
 * or returns `false`. Giving up throws an error with the reason of the last try.
 */
export async function eventually<T>(
  condition: () => Promise<T> | T,
  patience: Patience = {},
): Promise<Exclude<T, false>> {
  const { timeout = 60, interval = 0.5 } = patience;
  const deadline = performance.now() + timeout * 1000;
  for (;;) {
    let reason: unknown = "the condition is false";
    try {
      const value = await condition();
      if (value !== false) return value as Exclude<T, false>;
    } catch (error) {
      reason = error;
    }
    if (performance.now() > deadline) {
      const text = reason instanceof Error ? reason.message : String(reason);
      throw new Error(`still not so after ${timeout} s: ${text}`, { cause: reason });
    }
    await sleep(interval * 1000);
  }
}
