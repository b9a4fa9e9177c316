import { blame, exceptInUserNamespace, fieldsAt, named, securityContexts, setters, type Check } from "../check.ts";
import type { Rule } from "../check.ts";

const nothingRunsAsRoot: Rule = (pod) => {
  const refusing = securityContexts(pod).filter(({ context }) => context.runAsNonRoot === false);
  if (refusing.length > 0) {
    const { pod: podSets, containers } = blame(refusing);
    return {
      reason: "runAsNonRoot != true",
      detail: `${setters(podSets, containers)} must not set securityContext.runAsNonRoot=false`,
      fields: fieldsAt(refusing, "runAsNonRoot", () => "false"),
      containers,
    };
  }
  if (pod.securityContext.runAsNonRoot) return undefined;
  const containers = pod.containers.filter(({ securityContext }) => securityContext.runAsNonRoot === undefined);
  if (containers.length === 0) return undefined;
  return {
    reason: "runAsNonRoot != true",
    detail: `pod or ${named(containers)} must set securityContext.runAsNonRoot=true`,
    fields: containers.map(({ path }) => ({ path: `${path}.securityContext.runAsNonRoot`, value: "not set" })),
    containers,
  };
};

export const runAsNonRoot: Check = {
  id: "runAsNonRoot",
  level: "restricted",
  why: "Root in a container becomes root on the node if it escapes from the container.",
  fix: "set securityContext.runAsNonRoot: true on the pod, and a runAsUser other than 0 if the image starts as root",
  versions: { "v1.0": nothingRunsAsRoot, "v1.35": exceptInUserNamespace(nothingRunsAsRoot) },
};
