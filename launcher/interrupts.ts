/** Ctrl-C while Pulumi works: passed on to it, so that it finishes the step it is in. */

/** One Ctrl-C reaches us more than once: from the terminal, from npm, from bootstrap.mjs. */
const SAME_INTERRUPT_MS = 1000;
const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** The work was interrupted by the person who started it. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/**
 * Runs `work`, and calls `interrupt` at every Ctrl-C (or other request to end) instead of ending this process.
 * @throws Interrupted when there was one, whatever came of the work
 */
export async function interruptible<T>(interrupt: () => void, work: () => Promise<T>): Promise<T> {
  let last: number | undefined;
  const listener = () => {
    const now = Date.now();
    if (last !== undefined && now - last < SAME_INTERRUPT_MS) return;
    last = now;
    interrupt();
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  try {
    const result = await work();
    if (last === undefined) return result;
    throw new Interrupted("interrupted");
  } catch (error) {
    throw last === undefined ? error : new Interrupted("interrupted");
  } finally {
    for (const signal of SIGNALS) process.off(signal, listener);
  }
}
