import { title, type KubernetesObject } from "../kubernetes/objects.ts";
import type { Value } from "../kubernetes/value.ts";
import { quantities, type Quantity } from "./quantities.ts";

/** The default quantities for containers of a namespace. */
export interface Defaults {
  readonly certain: ReadonlySet<Quantity>;
  /** LimitRanges that are not fully known and may set more. */
  readonly uncertain: readonly string[];
}

interface LimitRange {
  readonly title: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly isPatch: boolean;
  readonly defaults: readonly Quantity[];
  readonly isKnown: boolean;
}

/** The LimitRanges of a stack. */
export class LimitRanges {
  private readonly ranges: readonly LimitRange[];
  private readonly read = new Map<string | undefined, Defaults>();

  constructor(objects: readonly KubernetesObject[]) {
    this.ranges = objects.filter(({ kind }) => kind === "LimitRange").flatMap(readLimitRange);
  }

  defaultsIn(namespace: string | undefined): Defaults {
    let found = this.read.get(namespace);
    if (found === undefined) {
      const possible = this.ranges.filter((range) => {
        return namespace === undefined || range.namespace === undefined || range.namespace === namespace;
      });
      found =
        namespace === undefined
          ? { certain: new Set(), uncertain: possible.map(({ title }) => title) }
          : combine(possible);
      this.read.set(namespace, found);
    }
    return found;
  }
}

/** Combines the LimitRanges of a namespace: each adds defaults. A patch may also remove some. */
function combine(ranges: readonly LimitRange[]): Defaults {
  const patched = new Set(ranges.filter(({ isPatch }) => isPatch).map(({ name }) => name));
  const isPatched = ({ name }: LimitRange) => {
    return name === undefined ? patched.size > 0 : patched.has(name) || patched.has(undefined);
  };
  const isCertain = (range: LimitRange) => range.isKnown && range.namespace !== undefined && !isPatched(range);
  return {
    certain: new Set(ranges.filter(isCertain).flatMap(({ defaults }) => defaults)),
    uncertain: ranges.filter((range) => !isCertain(range)).map(({ title }) => title),
  };
}

function readLimitRange(object: KubernetesObject): readonly LimitRange[] {
  const limits = object.value.get("spec", "limits");
  if (object.partial && !limits.isSet) return [];
  const defaults = limits
    .items()
    .filter((item) => item.get("type").text() === "Container")
    .flatMap((item) => quantities.filter((quantity) => isDefault(item, quantity)));
  return [
    {
      title: title(object),
      namespace: object.namespace,
      // Not Pulumi's name for the resource.
      name: object.value.get("metadata", "name").textIfKnown(),
      isPatch: object.partial,
      defaults,
      isKnown: !limits.hasUnknown,
    },
  ];
}

/** The API server derives a missing default limit from `max`, and a missing default request from the limit or `min`. */
function isDefault(item: Value, quantity: Quantity): boolean {
  const [kind, unit = ""] = quantity.split(".");
  const from = kind === "limits" ? ["default", "max"] : ["defaultRequest", "default", "max", "min"];
  return from.some((field) => item.get(field, unit).exists());
}
