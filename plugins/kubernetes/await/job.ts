import { at, number, text } from "../values.ts";
import { condition, ownedBy, ready, waiting, type Rule } from "./rule.ts";

/** Ready when complete; failed as soon as the Job controller gives up. */
export const job: Rule = {
  related: ["pods"],
  onRead: true,
  pods: (seen) => ownedBy(seen.object, seen.related.pods),
  judge({ object }) {
    if (condition(object, "Complete")?.["status"] === "True") return ready("The Job is complete");
    const failed = condition(object, "Failed");
    if (text(failed, "status") === "True") {
      const reason = `[${text(failed, "reason")}] ${text(failed, "message")}`;
      return { ...waiting("The Job has failed", reason), failed: true };
    }
    if (at(object, "spec", "suspend") === true) return waiting("The Job is suspended", "the Job is suspended");
    const count = (name: string): number => number(object, "status", name) ?? 0;
    const counts = `${count("active")} active, ${count("succeeded")} succeeded, ${count("failed")} failed`;
    return waiting(`Waiting for the Job to complete (${counts})`, `the Job is not complete (${counts})`);
  },
};
