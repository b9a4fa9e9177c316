import { number, text } from "../values.ts";
import { ownedBy, ready, waiting, type Rule } from "./rule.ts";

/** Ready when a pod of the newest template is available on every node that should have one. */
export const daemonSet: Rule = {
  related: ["pods"],
  onRead: true,
  pods: (seen) => ownedBy(seen.object, seen.related.pods),
  judge({ object }) {
    const observed = number(object, "status", "observedGeneration") ?? 0;
    if (observed < (number(object, "metadata", "generation") ?? 0))
      return waiting("Waiting for the DaemonSet controller");
    const count = (name: string): number => number(object, "status", name) ?? 0;
    const wanted = count("desiredNumberScheduled");
    const onDelete = text(object, "spec", "updateStrategy", "type") === "OnDelete";
    const done = Math.min(
      count("currentNumberScheduled"),
      onDelete ? wanted : count("updatedNumberScheduled"),
      count("numberAvailable"),
      count("numberReady"),
    );
    if (done >= wanted) return ready("All Pods are available");
    return waiting(`Waiting for Pods (${done}/${wanted} available)`, `${done} of ${wanted} Pods are available`);
  },
};
