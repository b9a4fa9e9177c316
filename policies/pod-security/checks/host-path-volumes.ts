import { plural, quoted, type Check, type Rule } from "../check.ts";

const noHostPaths: Rule = (pod) => {
  const volumes = pod.volumes.filter(({ sources }) => sources.includes("hostPath"));
  if (volumes.length === 0) return undefined;
  return {
    reason: "hostPath volumes",
    detail: `${plural(volumes.length, "volume")} ${quoted(volumes.map(({ name }) => name))}`,
    fields: volumes.map(({ path }) => ({ path: `${path}.hostPath`, value: "set" })),
    containers: [],
  };
};

export const hostPathVolumes: Check = {
  id: "hostPathVolumes",
  level: "baseline",
  why: "A hostPath volume exposes the node's credentials and other pods' data.",
  fix: "use a PersistentVolumeClaim, an emptyDir or a projected volume instead",
  versions: { "v1.0": noHostPaths },
};
