import type { KubernetesObject } from "../kubernetes/objects.ts";
import { containerName, containersOf, podTemplateOf, type ContainerList } from "../kubernetes/pods.ts";
import { Notes, type Value } from "../kubernetes/value.ts";

/** A container as the policies beyond the Pod Security Standards see it. */
export interface ContainerOf {
  readonly list: ContainerList;
  readonly name: string;
  /** For exemptions; undefined while it is not known. */
  readonly image: string | undefined;
  readonly value: Value;
}

/** The pods of an object as one policy reads them. */
export interface VisiblePod {
  readonly spec: Value;
  /** Init containers and containers; ephemeral ones come and go at run time. */
  readonly containers: readonly ContainerOf[];
  /** What that policy could not read, which is for it to report. */
  readonly notes: Notes;
}

/** Undefined if they cannot be seen: what is unknown as a whole, or no pod spec at all, `pod-security` reports, once. */
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
      value: value.notedIn(notes),
    }));
  return { spec: spec.notedIn(notes), containers, notes };
}

export function isWindows(spec: Value): boolean {
  const os = spec.get("os", "name");
  return os.text(os.isUnknown ? "windows" : undefined) === "windows";
}

/** A container that runs beside the main ones for as long as they do. */
export function isSidecar({ list, value }: ContainerOf): boolean {
  return list === "initContainers" && value.get("restartPolicy").text() === "Always";
}
