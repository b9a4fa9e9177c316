import type { KubernetesObject } from "../kubernetes/objects.ts";
import { allOf, verdict, type Verdict } from "./verdict.ts";

/** Applies the stack's patches to its objects. Patches of other objects remain in the result. */
export function applyPatches(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const patches = objects.filter(({ partial }) => partial);
  if (patches.length === 0) return objects;
  const applied = new Set<KubernetesObject>();
  const whole = objects.filter(({ partial }) => !partial);
  const patched = whole.map((object) => {
    let { value } = object;
    for (const patch of patches) {
      const isTarget = targets(patch, object);
      if (isTarget === "no") continue;
      if (isTarget === "yes") applied.add(patch);
      value = value.patchedWith(patch.value, isTarget === "yes");
    }
    return value === object.value ? object : { ...object, value };
  });
  return [...patched, ...patches.filter((patch) => !applied.has(patch))];
}

function targets(patch: KubernetesObject, { group, kind, namespace, knownName }: KubernetesObject): Verdict {
  return allOf([
    verdict(patch.group === group && patch.kind === kind),
    kind === "Namespace" ? "yes" : same(patch.namespace, namespace),
    same(patch.knownName, knownName),
  ]);
}

function same(a: string | undefined, b: string | undefined): Verdict {
  return a === undefined || b === undefined ? "maybe" : verdict(a === b);
}
