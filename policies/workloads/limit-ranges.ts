import { title, type KubernetesObject } from "../kubernetes/objects.ts";
import type { Value } from "../kubernetes/value.ts";
import { quantities, type Quantity } from "./quantities.ts";

/** What containers of a namespace that leave quantities out are given. */
export interface Defaults {
  readonly certain: ReadonlySet<Quantity>;
  /** LimitRanges that may give more. */
  readonly doubts: readonly string[];
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
        namespace === undefined ? { certain: new Set(), doubts: possible.map(({ title }) => title) } : addUp(possible);
      this.read.set(namespace, found);
    }
    return found;
  }
}

/** Several LimitRanges of a namespace give what any of them gives. A patch may also take away. */
function addUp(ranges: readonly LimitRange[]): Defaults {
  const patched = new Set(ranges.filter(({ isPatch }) => isPatch).map(({ name }) => name));
  const isPatched = ({ name }: LimitRange) => {
    return name === undefined ? patched.size > 0 : patched.has(name) || patched.has(undefined);
  };
  const isCertain = (range: LimitRange) => range.isKnown && range.namespace !== undefined && !isPatched(range);
  return {
    certain: new Set(ranges.filter(isCertain).flatMap(({ defaults }) => defaults)),
    doubts: ranges.filter((range) => !isCertain(range)).map(({ title }) => title),
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
      // Pulumi's name for the resource is not the object's.
      name: object.value.get("metadata", "name").textIfKnown(),
      isPatch: object.partial,
      defaults,
      isKnown: !limits.hidesSomething,
    },
  ];
}

/** The API server takes a default limit that is left out from `max`, and a default request from that limit or `min`. */
function isDefault(item: Value, quantity: Quantity): boolean {
  const [kind, unit = ""] = quantity.split(".");
  const from = kind === "limits" ? ["default", "max"] : ["defaultRequest", "default", "max", "min"];
  return from.some((field) => item.get(field, unit).exists());
}
