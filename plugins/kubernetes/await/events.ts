/** Warnings that Kubernetes records about an object and what its controllers made for it. */
import { uidOf } from "../metadata.ts";
import { text, type Fields } from "../values.ts";

const time = (event: Fields): string =>
  text(event, "series", "lastObservedTime") || text(event, "lastTimestamp") || text(event, "eventTime");

/** Reasons of events that repeat what the status of a pod or Job says. */
const repeated = new Set(["FailedScheduling", "BackOff", "BackoffLimitExceeded", "Failed"]);

/**
 * The newest warning of each reason and object, oldest first.
 * @param known Events that were there before, as `uid:resourceVersion`; they are of an earlier operation.
 */
export function warnings(events: Iterable<Fields>, about: readonly Fields[], known: ReadonlySet<string>): string[] {
  const uids = new Set(about.map(uidOf));
  const newest = new Map<string, Fields>();
  for (const event of events) {
    const subject = text(event, "involvedObject", "uid");
    if (text(event, "type") !== "Warning" || !uids.has(subject) || known.has(version(event))) continue;
    if (repeated.has(text(event, "reason"))) continue;
    const key = `${subject}:${text(event, "reason")}`;
    const previous = newest.get(key);
    if (previous === undefined || time(previous) <= time(event)) newest.set(key, event);
  }
  return [...newest.values()]
    .sort((a, b) => (time(a) < time(b) ? -1 : 1))
    .map((event) => {
      const subject = `${text(event, "involvedObject", "kind")} ${text(event, "involvedObject", "name")}`;
      return `${subject}: ${text(event, "reason")}: ${text(event, "message")}`;
    });
}

export const version = (event: Fields): string => `${uidOf(event)}:${text(event, "metadata", "resourceVersion")}`;
