/** Forwards Ctrl-C to Pulumi, which then finishes its current step. */

/** One Ctrl-C arrives several times: from the terminal, from npm and from bootstrap.mjs. */
const SAME_INTERRUPT_MS = 1000;
const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** The user interrupted the command. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/**
 * Runs `work`. On SIGINT, SIGTERM or SIGHUP it calls `interrupt` instead of exiting.
 * @throws Interrupted after such a signal, even if the work succeeded
 */
export async function interruptible<T>(interrupt: () => void, work: () => Promise<T>): Promise<T> {
  let lastSignal: number | undefined;
  const listener = () => {
    const now = Date.now();
    if (lastSignal !== undefined && now - lastSignal < SAME_INTERRUPT_MS) return;
    lastSignal = now;
    interrupt();
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  try {
    const result = await work();
    if (lastSignal === undefined) return result;
    throw new Interrupted("interrupted");
  } catch (error) {
    throw lastSignal === undefined ? error : new Interrupted("interrupted");
  } finally {
    for (const signal of SIGNALS) process.off(signal, listener);
  }
}
