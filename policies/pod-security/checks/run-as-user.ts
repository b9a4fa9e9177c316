import { blame, exceptInUserNamespace, fieldsAt, securityContexts, setters, type Check } from "../check.ts";
import type { Rule } from "../check.ts";

const noUserZero: Rule = (pod) => {
  const places = securityContexts(pod).filter(({ context }) => context.runAsUser === 0);
  if (places.length === 0) return undefined;
  const { pod: podSets, containers } = blame(places);
  return {
    reason: "runAsUser=0",
    detail: `${setters(podSets, containers)} must not set runAsUser=0`,
    fields: fieldsAt(places, "runAsUser", () => "0"),
    containers,
  };
};

export const runAsUser: Check = {
  id: "runAsUser",
  level: "restricted",
  why: "UID 0 is root, regardless of other settings.",
  fix: "set securityContext.runAsUser to a non-root UID of the image, or remove it",
  versions: { "v1.23": noUserZero, "v1.35": exceptInUserNamespace(noUserZero) },
};
