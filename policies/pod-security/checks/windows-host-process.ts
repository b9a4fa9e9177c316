import { blame, fieldsAt, securityContexts, setters, type Check, type Rule } from "../check.ts";

const noHostProcess: Rule = (pod) => {
  const places = securityContexts(pod).filter(({ context }) => context.hostProcess);
  if (places.length === 0) return undefined;
  const { pod: podSets, containers } = blame(places);
  return {
    reason: "hostProcess",
    detail: `${setters(podSets, containers)} must not set securityContext.windowsOptions.hostProcess=true`,
    fields: fieldsAt(places, "windowsOptions.hostProcess", () => "true"),
    containers,
  };
};

export const windowsHostProcess: Check = {
  id: "windowsHostProcess",
  level: "baseline",
  why: "A HostProcess container has full access to the Windows node.",
  fix: "remove windowsOptions.hostProcess",
  versions: { "v1.0": noHostProcess },
};
