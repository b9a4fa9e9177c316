import { named, type Check, type Rule } from "../check.ts";

const noneIsPrivileged: Rule = (pod) => {
  const containers = pod.containers.filter(({ securityContext }) => securityContext.privileged);
  if (containers.length === 0) return undefined;
  return {
    reason: "privileged",
    detail: `${named(containers)} must not set securityContext.privileged=true`,
    fields: containers.map(({ path }) => ({ path: `${path}.securityContext.privileged`, value: "true" })),
    containers,
  };
};

export const privileged: Check = {
  id: "privileged",
  level: "baseline",
  why: "A privileged container is root on the node.",
  fix: "remove securityContext.privileged",
  versions: { "v1.0": noneIsPrivileged },
};
