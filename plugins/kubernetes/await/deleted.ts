/** Waiting until a deleted object is gone. */
import { isNotFound } from "../api-error.ts";
import { nameOf, uidOf } from "../metadata.ts";
import { at, list, text, type Fields } from "../values.ts";
import { condition } from "./rule.ts";
import { NotReady, type Surroundings } from "./wait.ts";

/** What holds the object back, as far as it says so itself. */
function obstacles(object: Fields): string[] {
  const reasons = list(object, "status", "conditions")
    .filter(
      (item) => /^Namespace(Deletion|Content|Finalizers)/.test(text(item, "type")) && text(item, "status") === "True",
    )
    .map((item) => text(item, "message"));
  const finalizers = at(object, "metadata", "finalizers");
  if (Array.isArray(finalizers) && finalizers.length > 0) {
    reasons.push(`its finalizers are not done: ${finalizers.map(String).join(", ")}`);
  }
  return reasons;
}

function progress(object: Fields): string {
  const remaining = condition(object, "NamespaceContentRemaining");
  return text(remaining, "message") || "Waiting for the object to be gone";
}

/**
 * @param seconds The longest wait.
 * @throws NotReady when the object is still there then.
 */
export async function waitUntilGone(object: Fields, seconds: number, around: Surroundings): Promise<void> {
  const { objects, collections, status } = around;
  const { cancelled } = objects.api;
  const deadline = Date.now() + seconds * 1000;
  let wake: () => void = () => undefined;
  const own = { fieldSelector: `metadata.name=${nameOf(object)}` };
  const watch = await collections.watch(await objects.collection(object), own, () => wake());
  const onCancel = (): void => wake();
  cancelled.addEventListener("abort", onCancel, { once: true });
  try {
    for (;;) {
      // An object of the same name and another uid is a new one.
      const live = watch.items.get(uidOf(object));
      if (live === undefined && (await isGone(object, around))) return;
      if (cancelled.aborted || Date.now() >= deadline) {
        const what = cancelled.aborted ? "the wait was cancelled" : `it is still there after ${seconds} s`;
        throw new NotReady(`"${nameOf(object)}" was deleted, but ${what}`, live ?? object, obstacles(live ?? object));
      }
      status("info", progress(live ?? object));
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(0, Math.min(10_000, deadline - Date.now())));
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  } finally {
    cancelled.removeEventListener("abort", onCancel);
    watch.close();
  }
}

async function isGone(object: Fields, { objects }: Surroundings): Promise<boolean> {
  try {
    return uidOf(await objects.get(object, nameOf(object))) !== uidOf(object);
  } catch (error) {
    if (isNotFound(error)) return true;
    throw error;
  }
}
