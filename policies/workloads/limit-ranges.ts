import { title, type KubernetesObject } from "../kubernetes/objects.ts";
import type { Value } from "../kubernetes/value.ts";
import { quantities, type Quantity } from "./quantities.ts";

/** A LimitRange of a stack, and what it sets in containers that leave it out. */
interface LimitRange {
  readonly title: string;
  readonly namespace: string | undefined;
  readonly defaults: ReadonlySet<Quantity>;
  /** Not all of it is known, or a patch changes it. */
  readonly isDoubtful: boolean;
}

export class LimitRanges {
  private readonly ranges: readonly LimitRange[];

  constructor(objects: readonly KubernetesObject[]) {
    const all = objects.filter(({ kind }) => kind === "LimitRange");
    const patches = all.filter(({ partial, value }) => partial && value.get("spec", "limits").isSet);
    this.ranges = [...all.filter(({ partial }) => !partial), ...patches].map((object) => {
      return readLimitRange(
        object,
        patches.some((patch) => mayPatch(patch, object)),
      );
    });
  }

  /** What containers in a namespace are surely given. */
  defaultsIn(namespace: string | undefined): ReadonlySet<Quantity> {
    if (namespace === undefined) return new Set();
    const certain = this.ranges.filter((range) => range.namespace === namespace && !range.isDoubtful);
    return new Set(certain.flatMap(({ defaults }) => [...defaults]));
  }

  /** LimitRanges that may give containers in a namespace more than that. */
  doubtsIn(namespace: string | undefined): readonly string[] {
    return this.ranges
      .filter((range) => namespace === undefined || range.namespace === undefined || range.namespace === namespace)
      .filter((range) => range.isDoubtful || range.namespace === undefined || namespace === undefined)
      .map((range) => range.title);
  }
}

function mayPatch(patch: KubernetesObject, object: KubernetesObject): boolean {
  const [a, b] = [patch, object].map(({ value }) => value.get("metadata", "name").textIfKnown());
  const sameName = a === undefined || b === undefined || a === b;
  return sameName && (!patch.namespace || !object.namespace || patch.namespace === object.namespace);
}

function readLimitRange(object: KubernetesObject, isPatched: boolean): LimitRange {
  const limits = object.value.get("spec", "limits");
  const defaults = limits
    .items()
    .filter((item) => item.get("type").text() === "Container")
    .flatMap((item) => quantities.filter((quantity) => isDefault(item, quantity)));
  return {
    title: title(object),
    namespace: object.namespace,
    defaults: new Set(defaults),
    isDoubtful: isPatched || limits.hidesSomething,
  };
}

/** The API server takes a default limit that is left out from `max`, and a default request from that limit or `min`. */
function isDefault(item: Value, quantity: Quantity): boolean {
  const [kind, unit = ""] = quantity.split(".");
  const from = kind === "limits" ? ["default", "max"] : ["defaultRequest", "default", "max", "min"];
  return from.some((field) => item.get(field, unit).exists());
}
