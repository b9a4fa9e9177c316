import { annotation } from "../metadata.ts";
import { list, number, text, type Fields } from "../values.ts";
import { condition, ownedBy, ready, waiting, type Rule, type Seen } from "./rule.ts";

const revision = (object: Fields): string => annotation(object, "deployment.kubernetes.io/revision");

/** The ReplicaSet of the revision that is rolled out. */
function currentReplicaSet(seen: Seen): Fields | undefined {
  return ownedBy(seen.object, seen.related.replicaSets).find(
    (set) => revision(set) !== "" && revision(set) === revision(seen.object),
  );
}

function unboundClaims(seen: Seen): string[] {
  const mounted = list(seen.object, "spec", "template", "spec", "volumes").map((volume) =>
    text(volume, "persistentVolumeClaim", "claimName"),
  );
  return (seen.related.claims ?? [])
    .filter((claim) => mounted.includes(text(claim, "metadata", "name")) && text(claim, "status", "phase") !== "Bound")
    .map((claim) => text(claim, "metadata", "name"));
}

/** Ready when the newest ReplicaSet has all its pods, the Deployment is available, and its claims are bound. */
export const deployment: Rule = {
  related: ["replicaSets", "pods", "claims"],
  onRead: true,
  pods: (seen) => ownedBy(currentReplicaSet(seen), seen.related.pods),
  judge(seen) {
    const { object } = seen;
    if ((number(object, "status", "observedGeneration") ?? 0) < (number(object, "metadata", "generation") ?? 0)) {
      return waiting("Waiting for the Deployment controller");
    }
    const set = currentReplicaSet(seen);
    if (set === undefined) return waiting("Waiting for a ReplicaSet", ...failures(object));
    const wanted = number(set, "spec", "replicas") ?? 1;
    const readyPods = number(set, "status", "readyReplicas") ?? 0;
    const status = `Waiting for Pods of revision ${revision(object)} (${readyPods}/${wanted} ready)`;

    const available = condition(object, "Available")?.["status"] === "True";
    const progressing = condition(object, "Progressing");
    const rolledOut =
      revision(object) === "1" ||
      (text(progressing, "status") === "True" && text(progressing, "reason") === "NewReplicaSetAvailable");
    if (!available || !rolledOut || readyPods < wanted) {
      return waiting(
        status,
        `${readyPods} of ${wanted} Pods of revision ${revision(object)} are ready`,
        ...failures(object),
      );
    }
    const unbound = unboundClaims(seen);
    if (unbound.length > 0) {
      const claims = unbound.join(", ");
      return waiting(`Waiting for claims to be bound: ${claims}`, `PersistentVolumeClaims not bound: ${claims}`);
    }
    return wanted > 0 ? ready("All Pods are ready") : { ...ready(""), warning: "The Deployment is scaled to 0" };
  },
};

/** What the controller says is wrong: that it may not create pods, or that it makes no progress. */
function failures(object: Fields): string[] {
  return list(object, "status", "conditions")
    .filter(
      (item) =>
        (text(item, "type") === "ReplicaFailure" && text(item, "status") === "True") ||
        (text(item, "type") === "Progressing" && text(item, "status") === "False"),
    )
    .map((item) => `[${text(item, "reason")}] ${text(item, "message")}`);
}
