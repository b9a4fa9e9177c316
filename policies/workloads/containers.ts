import type { KubernetesObject } from "../kubernetes/objects.ts";
import { containerName, containersOf, podTemplateOf, type ContainerList } from "../kubernetes/pods.ts";
import { Notes, type Value } from "../kubernetes/value.ts";

/** A container for the policies beyond the Pod Security Standards. */
export interface ContainerOf {
  readonly list: ContainerList;
  readonly name: string;
  /** For exemptions; undefined if unknown. */
  readonly image: string | undefined;
  readonly value: Value;
}

/** The pods of an object for one policy. */
export interface VisiblePod {
  readonly spec: Value;
  /** Init containers and containers. Ephemeral containers are added at run time. */
  readonly containers: readonly ContainerOf[];
  /** The values that this policy could not read and must report. */
  readonly notes: Notes;
}

/** Undefined if the spec is missing or unknown as a whole; `pod-security` reports that once for all policies. */
export function visiblePod(object: KubernetesObject): VisiblePod | undefined {
  const spec = podTemplateOf(object)?.spec;
  if (spec === undefined || spec.isUnknown || !spec.isObject() || spec.get("containers").isUnknown) return undefined;
  const notes = new Notes();
  const containers = containersOf(spec)
    .filter(({ list }) => list !== "ephemeralContainers")
    .map(({ list, value }) => ({
      list,
      name: containerName(value),
      image: value.get("image").textIfKnown(),
      value: value.withNotes(notes),
    }));
  return { spec: spec.withNotes(notes), containers, notes };
}

export function isWindows(spec: Value): boolean {
  const os = spec.get("os", "name");
  return os.text(os.isUnknown ? "windows" : undefined) === "windows";
}

/** Whether an init container keeps running beside the main containers. */
export function isSidecar({ list, value }: ContainerOf): boolean {
  return list === "initContainers" && value.get("restartPolicy").text() === "Always";
}
