import type { KubernetesObject } from "../kubernetes/objects.ts";
import { containerName, containersOf, podTemplateOf, type ContainerList } from "../kubernetes/pods.ts";
import type { Value } from "../kubernetes/value.ts";

/** A container as the policies beyond the Pod Security Standards see it. */
export interface ContainerOf {
  readonly list: ContainerList;
  readonly name: string;
  readonly image: string | undefined;
  readonly value: Value;
}

/**
 * The pod spec of an object, unless it cannot be seen: a patch leaves out what it does not change, and what is unknown as
 * a whole, or no pod spec at all, is for `pod-security` to report, once.
 */
export function visibleSpec(object: KubernetesObject): Value | undefined {
  if (object.partial) return undefined;
  const spec = podTemplateOf(object)?.spec;
  return spec === undefined || spec.isUnknown || !spec.isObject() || spec.get("containers").isUnknown
    ? undefined
    : spec;
}

/** Init containers and containers, with what exemptions ask about them; ephemeral ones come and go at run time. */
export function lastingContainers(spec: Value): readonly ContainerOf[] {
  return containersOf(spec)
    .filter(({ list }) => list !== "ephemeralContainers")
    .map(({ list, value }) => ({ list, value, name: containerName(value), image: value.get("image").textIfKnown() }));
}

export function isWindows(spec: Value): boolean {
  return spec.get("os", "name").textIfKnown() === "windows";
}

/** A container that runs beside the main ones for as long as they do. */
export function isSidecar({ list, value }: ContainerOf): boolean {
  return list === "initContainers" && value.get("restartPolicy").textIfKnown() === "Always";
}
