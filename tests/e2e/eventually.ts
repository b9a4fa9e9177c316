import { setTimeout as sleep } from "node:timers/promises";

/** Timing of {@link eventually}. */
export interface WaitOptions {
  /** Seconds until it gives up. @default 60 */
  readonly timeout?: number;
  /** Seconds between attempts. @default 0.5 */
  readonly interval?: number;
}

/**
 * Retries a condition until it neither throws nor returns `false`, and returns its result. On timeout it throws an
 * error with the reason of the last attempt.
 */
export async function eventually<T>(
  condition: () => Promise<T> | T,
  options: WaitOptions = {},
): Promise<Exclude<T, false>> {
  const { timeout = 60, interval = 0.5 } = options;
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
      throw new Error(`condition not met within ${timeout} s: ${text}`, { cause: reason });
    }
    await sleep(interval * 1000);
  }
}
