import { at, text } from "../values.ts";
import { condition, ready, waiting, type Rule } from "./rule.ts";

const stages = [
  { type: "PodScheduled", status: "Waiting for the Pod to be scheduled" },
  { type: "Initialized", status: "Waiting for the Pod to be initialized" },
  { type: "Ready", status: "Waiting for the Pod to be ready" },
];

/** Ready when it is, or has succeeded; failed when it has and will not be restarted. */
export const pod: Rule = {
  related: [],
  onRead: true,
  pods: (seen) => [seen.object],
  judge({ object }) {
    const phase = text(object, "status", "phase");
    if (phase === "Succeeded") return ready("The Pod has succeeded");
    if (phase === "Failed" && at(object, "spec", "restartPolicy") === "Never") {
      const reason = text(object, "status", "message") || text(object, "status", "reason") || "a container has failed";
      return { ...waiting("The Pod has failed", reason), failed: true };
    }
    const open = stages.find(({ type }) => condition(object, type)?.["status"] !== "True");
    return open === undefined ? ready("The Pod is ready") : waiting(open.status);
  },
};
