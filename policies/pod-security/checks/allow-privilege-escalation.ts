import { exceptOnWindows, named, show, type Check, type Rule } from "../check.ts";

const everyContainerForbidsIt: Rule = (pod) => {
  const containers = pod.containers.filter(({ securityContext }) => securityContext.allowPrivilegeEscalation !== false);
  if (containers.length === 0) return undefined;
  return {
    reason: "allowPrivilegeEscalation != false",
    detail: `${named(containers)} must set securityContext.allowPrivilegeEscalation=false`,
    fields: containers.map(({ path, securityContext }) => ({
      path: `${path}.securityContext.allowPrivilegeEscalation`,
      value: show(securityContext.allowPrivilegeEscalation),
    })),
    containers,
  };
};

export const allowPrivilegeEscalation: Check = {
  id: "allowPrivilegeEscalation",
  level: "restricted",
  why: "Otherwise a setuid program in the image can gain more privileges than the process that starts it.",
  fix: "set securityContext.allowPrivilegeEscalation: false on every container",
  versions: { "v1.8": everyContainerForbidsIt, "v1.25": exceptOnWindows(everyContainerForbidsIt) },
};
