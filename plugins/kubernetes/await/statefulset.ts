import { number, text } from "../values.ts";
import { ownedBy, ready, waiting, type Rule } from "./rule.ts";

/** Ready when every replica is ready and, with rolling updates, is of the newest revision. */
export const statefulSet: Rule = {
  related: ["pods"],
  onRead: true,
  pods: (seen) => ownedBy(seen.object, seen.related.pods),
  judge({ object }) {
    const generation = number(object, "metadata", "generation") ?? 0;
    if ((number(object, "status", "observedGeneration") ?? 0) < generation) {
      return waiting("Waiting for the StatefulSet controller");
    }
    const count = (name: string): number => number(object, "status", name) ?? 0;
    const wanted = number(object, "spec", "replicas") ?? 1;
    const onDelete = generation > 1 && text(object, "spec", "updateStrategy", "type") === "OnDelete";
    const [current, newest] = [text(object, "status", "currentRevision"), text(object, "status", "updateRevision")];

    const allReady = count("replicas") === wanted && count("readyReplicas") === wanted;
    if (allReady && (onDelete || (current === newest && current !== "" && count("currentReplicas") === wanted))) {
      return ready("All Pods are ready");
    }
    // During a rollout, pods of the previous revision are ready too, and do not count.
    const done =
      onDelete || current === newest
        ? count("readyReplicas")
        : Math.min(count("readyReplicas"), count("updatedReplicas"));
    const reasons = [`${done} of ${wanted} Pods are ready`];
    if (!onDelete && current !== newest)
      reasons.push(`the rollout from revision ${current} to ${newest} is not complete`);
    return waiting(`Waiting for Pods (${done}/${wanted} ready)`, ...reasons);
  },
};
