import type { Check, Rule } from "../check.ts";

const noHostNamespaces: Rule = (pod) => {
  const shared = (["hostNetwork", "hostPID", "hostIPC"] as const).filter((field) => pod[field]);
  if (shared.length === 0) return undefined;
  return {
    reason: "host namespaces",
    detail: shared.map((field) => `${field}=true`).join(", "),
    fields: shared.map((field) => ({ path: `${pod.path}.${field}`, value: "true" })),
    containers: [],
  };
};

export const hostNamespaces: Check = {
  id: "hostNamespaces",
  level: "baseline",
  why: "A pod in the node's namespaces can access the processes, shared memory or network of everything on the node.",
  fix: "remove hostNetwork, hostPID and hostIPC",
  versions: { "v1.0": noHostNamespaces },
};
