import { distinct, plural, quoted, type Check, type Rule } from "../check.ts";
import type { Volume } from "../pod.ts";

const allowedSources = new Set([
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
]);

/** In the order in which Kubernetes names them when a volume has several. */
const forbiddenSources = [
  "hostPath",
  "gcePersistentDisk",
  "awsElasticBlockStore",
  "gitRepo",
  "nfs",
  "iscsi",
  "glusterfs",
  "rbd",
  "flexVolume",
  "cinder",
  "cephfs",
  "flocker",
  "fc",
  "azureFile",
  "vsphereVolume",
  "quobyte",
  "azureDisk",
  "photonPersistentDisk",
  "portworxVolume",
  "scaleIO",
  "storageos",
];

const onlyAllowedSources: Rule = (pod) => {
  const volumes = pod.volumes.filter((volume) => !isAllowed(volume));
  if (volumes.length === 0) return undefined;
  const types = distinct(volumes.map(forbiddenSource));
  return {
    reason: "restricted volume types",
    detail:
      `${plural(volumes.length, "volume")} ${quoted(volumes.map(({ name }) => name))} ` +
      `${plural(volumes.length, "uses", "use")} ${plural(types.length, "restricted volume type")} ${quoted(types)}`,
    fields: volumes.map((volume) => ({ path: `${volume.path}.${forbiddenSource(volume)}`, value: "set" })),
    containers: [],
  };
};

/** A volume without any source is an emptyDir by the time that admission sees it. */
function isAllowed({ sources }: Volume): boolean {
  return sources.length === 0 || sources.some((source) => allowedSources.has(source));
}

function forbiddenSource({ sources }: Volume): string {
  return forbiddenSources.find((source) => sources.includes(source)) ?? "unknown";
}

export const restrictedVolumes: Check = {
  id: "restrictedVolumes",
  level: "restricted",
  why: "Other volume types bypass the cluster's control over what pods may mount.",
  fix: `use a volume of one of these types: ${[...allowedSources].join(", ")}`,
  versions: { "v1.0": onlyAllowedSources },
  overrides: ["hostPathVolumes"],
};
