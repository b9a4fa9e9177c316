/** The difference between what is there and what the program asks for, and whether it needs a new object. */
import { isPatch } from "./kinds.ts";
import { contains, formatPropertyPath, parsePropertyPath, type PathElement } from "./property-path.ts";
import { identity, replacingPaths, touches, type Mutability } from "./replacement.ts";
import { equal, isFields, text, Unknown, type Fields, type Value } from "./values.ts";

export type ChangeKind = "add" | "delete" | "update";
export interface Change {
  readonly kind: ChangeKind;
  readonly replaces: boolean;
}

/** A merge patch (RFC 7386): null deletes; a value that is not known yet stands as it is. */
export function mergePatch(before: Fields, after: Fields): Fields {
  const patch: Fields = {};
  for (const [name, value] of Object.entries(after)) {
    const old = before[name];
    if (isFields(old) && isFields(value)) {
      const inner = mergePatch(old, value);
      if (Object.keys(inner).length > 0) patch[name] = inner;
    } else if (!equal(old, value) && !(value === null && old === undefined)) {
      patch[name] = value;
    }
  }
  for (const name of Object.keys(before)) {
    if (!(name in after)) patch[name] = null;
  }
  return patch;
}

/** The changed value at its place in an otherwise empty object; list indexes are lost, as they are in the table. */
function placed(path: readonly PathElement[], value: Value): Value {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  return typeof first === "number" ? [placed(rest, value)] : { [first]: placed(rest, value) };
}

class Comparison {
  readonly changes = new Map<string, Change>();
  private readonly replacing: readonly string[];

  constructor(replacing: readonly string[]) {
    this.replacing = replacing;
  }

  /** `undefined` is a value that is not there. */
  compare(path: PathElement[], patch: Value, old: Value | undefined, wanted: Value | undefined, inList: boolean): void {
    // What the program does not ask for, and what it never asked for, is the server's.
    if (wanted === undefined && (patch !== null || old === undefined)) return;
    if (patch === null) return this.record(path, patch, "delete");
    if (old === undefined) return this.record(path, patch, "add");
    if (isFields(patch) && isFields(old))
      return this.compareFields(path, patch, old, isFields(wanted) ? wanted : {}, inList);
    if (Array.isArray(patch) && Array.isArray(old)) {
      return this.compareLists(path, patch, old, Array.isArray(wanted) ? wanted : []);
    }
    if (!equal(patch, old)) this.record(path, patch, "update");
  }

  compareFields(path: PathElement[], patch: Fields, old: Fields, wanted: Fields, inList: boolean): void {
    for (const [name, value] of Object.entries(patch)) {
      this.compare([...path, name], value, old[name], wanted[name], inList);
    }
    // A merge patch carries lists whole, so what is missing in an element of one is deleted.
    if (!inList) return;
    for (const [name, value] of Object.entries(old)) {
      if (!(name in patch)) this.compare([...path, name], null, value, wanted[name], inList);
    }
  }

  private compareLists(path: PathElement[], patch: Value[], old: Value[], wanted: Value[]): void {
    for (let index = 0; index < Math.max(patch.length, old.length); index++) {
      const value = patch[index] ?? null;
      this.compare([...path, index], value, old[index], wanted[index], true);
    }
  }

  private record(path: PathElement[], value: Value, kind: ChangeKind): void {
    const change = value instanceof Unknown ? null : value;
    this.changes.set(formatPropertyPath(path), { kind, replaces: touches(placed(path, change), this.replacing) });
  }
}

export interface DiffOptions extends Mutability {
  readonly urn: string;
  readonly ignoreChanges: readonly string[];
}

/**
 * Changes by property path.
 * @param before The live object, as far as the previous inputs describe it.
 * @param inputs The new inputs, normalized.
 */
export function detailedDiff(before: Fields, inputs: Fields, options: DiffOptions): Map<string, Change> {
  const patch = mergePatch(before, inputs);
  if (Object.keys(patch).length === 0) return new Map();
  // A patch resource changes in place whatever its object can.
  const replacing = isPatch(options.urn, text(inputs, "kind")) ? identity : replacingPaths(inputs, options);
  const comparison = new Comparison(replacing);
  comparison.compareFields([], patch, before, inputs, false);

  const ignored = options.ignoreChanges.map(parsePropertyPath);
  for (const path of [...comparison.changes.keys()]) {
    const elements = parsePropertyPath(path);
    if (ignored.some((ignore) => contains(ignore, elements))) comparison.changes.delete(path);
  }
  return comparison.changes;
}

/** The paths that force a new object. */
export function replacements(changes: ReadonlyMap<string, Change>): string[] {
  return [...changes]
    .filter(([path, change]) => change.replaces || (change.kind === "delete" && path === "metadata"))
    .map(([path]) => path);
}
