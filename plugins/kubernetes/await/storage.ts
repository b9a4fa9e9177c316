import { number, text, type Fields } from "../values.ts";
import { ready, waiting, type Rule } from "./rule.ts";

/** Ready when available or bound. */
export const persistentVolume: Rule = {
  related: [],
  onRead: false,
  timeout: 300,
  judge({ object }) {
    const phase = text(object, "status", "phase");
    if (phase === "Available" || phase === "Bound") return ready(`The volume is ${phase}`);
    return waiting("Waiting for the volume to be available", `the volume is ${phase || "not processed yet"}`);
  },
};

/** Ready when bound; a claim whose class waits for the first pod that uses it is ready while it is pending. */
export const persistentVolumeClaim = (storageClass: Fields | undefined): Rule => ({
  related: [],
  onRead: false,
  timeout: 300,
  judge({ object }) {
    const phase = text(object, "status", "phase");
    const waitsForPod = text(storageClass, "volumeBindingMode") === "WaitForFirstConsumer";
    if (phase === "Bound" || (phase === "Pending" && waitsForPod)) return ready(`The claim is ${phase}`);
    const className = text(object, "spec", "storageClassName");
    const why = className === "" ? "no StorageClass is named, and none is the default" : `StorageClass ${className}`;
    return waiting("Waiting for the claim to be bound", `the claim is ${phase || "not processed yet"} (${why})`);
  },
});

/** Ready when the quota controller has taken the limits in. */
export const resourceQuota: Rule = {
  related: [],
  onRead: false,
  timeout: 60,
  judge({ object }) {
    const limits = (part: string): string =>
      JSON.stringify(Object.entries((object[part] as Fields)?.["hard"] ?? {}).sort());
    return limits("spec") === limits("status")
      ? ready("The quota is active")
      : waiting("Waiting for the quota controller");
  },
};

/** Ready when all replicas are available. */
export const replicationController: Rule = {
  related: ["pods"],
  onRead: false,
  judge({ object }) {
    const wanted = number(object, "spec", "replicas") ?? 1;
    const available = number(object, "status", "availableReplicas") ?? 0;
    if (available === wanted) return ready("All Pods are available");
    return waiting(`Waiting for Pods (${available}/${wanted})`, `${available} of ${wanted} Pods are available`);
  },
};

/** Ready when the token controller has filled it in. */
export const tokenSecret: Rule = {
  related: [],
  onRead: false,
  timeout: 5,
  judge({ object }) {
    const data = object["data"];
    return typeof data === "object" && data !== null && Object.keys(data).length > 0
      ? ready("The token is there")
      : waiting("Waiting for the token", "no token was issued; its ServiceAccount may not exist");
  },
};
