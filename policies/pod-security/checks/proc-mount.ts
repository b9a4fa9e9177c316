import { distinct, exceptInUserNamespace, named, quoted, show, type Check, type Rule } from "../check.ts";

const onlyDefaultProcMount: Rule = (pod) => {
  const containers = pod.containers.filter(({ securityContext: { procMount } }) => {
    return procMount !== undefined && procMount !== "Default";
  });
  if (containers.length === 0) return undefined;
  const values = distinct(containers.map(({ securityContext }) => securityContext.procMount ?? ""));
  return {
    reason: "procMount",
    detail: `${named(containers)} must not set securityContext.procMount to ${quoted(values)}`,
    fields: containers.map(({ path, securityContext }) => ({
      path: `${path}.securityContext.procMount`,
      value: show(securityContext.procMount),
    })),
    containers,
  };
};

export const procMountBaseline: Check = {
  id: "procMount",
  level: "baseline",
  why: "The default masks on /proc hide kernel interfaces that the container could otherwise read or write.",
  fix: "remove securityContext.procMount",
  versions: { "v1.0": onlyDefaultProcMount, "v1.35": exceptInUserNamespace(onlyDefaultProcMount) },
};

export const procMountRestricted: Check = {
  id: "procMount_restricted",
  level: "restricted",
  why: "Even in a user namespace, an unmasked /proc exposes more of the kernel than a restricted pod may see.",
  fix: "remove securityContext.procMount",
  versions: { "v1.35": onlyDefaultProcMount },
  overrides: ["procMount"],
};
