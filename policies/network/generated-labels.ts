import { isChecked, type KubernetesObject } from "../kubernetes/objects.ts";
import { unknownLabel, generatedValue, type LabelValue } from "./labels.ts";
import type { Selector } from "./selector.ts";

type Added = readonly (readonly [string, LabelValue])[];

const hash = (...keys: readonly string[]): Added => keys.map((key) => [key, generatedValue]);

const jobNameLabels = ["job-name", "batch.kubernetes.io/job-name"];
const jobUidLabels = ["controller-uid", "batch.kubernetes.io/controller-uid"];
const podNameLabel = "statefulset.kubernetes.io/pod-name";
const podIndexLabel = "apps.kubernetes.io/pod-index";
const maxOrdinals = 1000;

/** Labels that the controllers of a kind add to its pods. */
const byKind: Readonly<Record<string, (object: KubernetesObject) => Added>> = {
  Deployment: () => hash("pod-template-hash"),
  StatefulSet: () => hash("controller-revision-hash"),
  DaemonSet: () => hash("controller-revision-hash", "pod-template-generation"),
  Job: (job) => [...jobLabels(job.knownName), ...completionIndex(job.value.get("spec"))],
  // Each Job of a CronJob has a different name.
  CronJob: (cron) => [...jobLabels(undefined), ...completionIndex(cron.value.get("spec", "jobTemplate", "spec"))],
  Pod: () => [],
  ReplicaSet: () => [],
  ReplicationController: () => [],
};

/** The labels added to those of the template. For custom resources they are unknown. */
export function generatedLabels(object: KubernetesObject): { readonly added: Added; readonly isIncomplete: boolean } {
  const added = isChecked(object.group, object.kind) ? byKind[object.kind] : undefined;
  return { added: added?.(object) ?? [], isIncomplete: added === undefined };
}

function jobLabels(name: string | undefined): Added {
  return [...jobNameLabels.map((key) => [key, name ?? generatedValue] as const), ...hash(...jobUidLabels)];
}

function completionIndex(spec: KubernetesObject["value"]): Added {
  const mode = spec.get("completionMode");
  if (!mode.isUnknown && mode.text() !== "Indexed") return [];
  return [["batch.kubernetes.io/job-completion-index", mode.isUnknown ? unknownLabel : generatedValue]];
}

/** Whether a selector distinguishes the pods of one StatefulSet. */
export function selectsByOrdinal({ requirements }: Selector): boolean {
  return requirements.some(({ key }) => key === podNameLabel || key === podIndexLabel);
}

/** The ordinal labels of each pod of a StatefulSet; one entry for all pods if their number is unknown or too large. */
export function ordinalPods(object: KubernetesObject): readonly Added[] {
  const spec = object.value.get("spec");
  const [replicas, start] = [spec.get("replicas"), spec.get("ordinals", "start")];
  const count = replicas.integer() ?? 1;
  const first = start.integer() ?? 0;
  const name = object.knownName;
  if (name === undefined || replicas.isUnknown || start.isUnknown || count > maxOrdinals)
    return [hash(podNameLabel, podIndexLabel)];
  return Array.from({ length: Math.max(count, 0) }, (_, index) => [
    [podNameLabel, `${name}-${first + index}`],
    [podIndexLabel, String(first + index)],
  ]);
}
