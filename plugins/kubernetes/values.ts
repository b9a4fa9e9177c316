/**
 * The values that travel between the engine and this provider: JSON, and two things JSON lacks, a secret and a value
 * that is not known yet.
 */

/** A value that the engine encrypts in its state and hides on screen. */
export class Secret {
  readonly value: Value;
  constructor(value: Value) {
    this.value = value;
  }
}

/** Stands, in a preview, for an output of a resource that does not exist yet. */
export class Unknown {
  private readonly kind = "unknown";
  toString(): string {
    return this.kind;
  }
}
export const unknown = new Unknown();

export type Value = null | boolean | number | string | Secret | Unknown | Value[] | Fields;
/** A JSON object; a Kubernetes object is one too, always without secrets in it. */
export type Fields = { [name: string]: Value };

export function isFields(value: Value | undefined): value is Fields {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Secret) &&
    !(value instanceof Unknown)
  );
}

/** The value at a path of field names, or undefined where the path ends early. */
export function at(root: Value | undefined, ...path: string[]): Value | undefined {
  let value = root;
  for (const name of path) {
    if (!isFields(value)) return undefined;
    value = value[name];
  }
  return value;
}

/** The string at a path, or "". */
export function text(root: Value | undefined, ...path: string[]): string {
  const value = at(root, ...path);
  return typeof value === "string" ? value : "";
}

/** The number at a path, or undefined. */
export function number(root: Value | undefined, ...path: string[]): number | undefined {
  const value = at(root, ...path);
  return typeof value === "number" ? value : undefined;
}

/** The object at a path, or an empty one. */
export function fields(root: Value | undefined, ...path: string[]): Fields {
  const value = at(root, ...path);
  return isFields(value) ? value : {};
}

/** The objects in the list at a path; none when there is no list. */
export function list(root: Value | undefined, ...path: string[]): Fields[] {
  const value = at(root, ...path);
  return Array.isArray(value) ? value.filter(isFields) : [];
}

/** Sets the value at a path, making the objects on the way. */
export function put(root: Fields, value: Value, ...path: string[]): void {
  let holder = root;
  for (const name of path.slice(0, -1)) {
    const next = holder[name];
    if (isFields(next)) holder = next;
    else holder = holder[name] = {};
  }
  const last = path.at(-1);
  if (last !== undefined) holder[last] = value;
}

/** Removes the value at a path, if it is there. */
export function remove(root: Fields, ...path: string[]): void {
  const holder = at(root, ...path.slice(0, -1));
  const last = path.at(-1);
  if (isFields(holder) && last !== undefined) delete holder[last];
}

/** A deep copy with every value replaced by `replace`, children first. */
function rebuild(value: Value, replace: (value: Value) => Value): Value {
  if (Array.isArray(value)) return replace(value.map((item) => rebuild(item, replace)));
  if (value instanceof Secret) return replace(new Secret(rebuild(value.value, replace)));
  if (!isFields(value)) return replace(value);
  return replace(Object.fromEntries(Object.entries(value).map(([name, item]) => [name, rebuild(item, replace)])));
}

/** A deep copy. */
export function copy<T extends Value>(value: T): T {
  return rebuild(value, (item) => item) as T;
}

/** A deep copy in which every secret is replaced by what it holds. */
export function reveal(value: Fields): Fields {
  return rebuild(value, (item) => (item instanceof Secret ? item.value : item)) as Fields;
}

function some(value: Value | undefined, test: (value: Value) => boolean): boolean {
  if (value === undefined) return false;
  if (test(value)) return true;
  if (value instanceof Secret) return some(value.value, test);
  if (Array.isArray(value)) return value.some((item) => some(item, test));
  return isFields(value) && Object.values(value).some((item) => some(item, test));
}

export const containsUnknown = (value: Value | undefined): boolean => some(value, (item) => item instanceof Unknown);
export const containsSecret = (value: Value | undefined): boolean => some(value, (item) => item instanceof Secret);

/** Deep equality; nothing but itself equals an unknown value. */
export function equal(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => equal(item, b[index]));
  }
  if (isFields(a) && isFields(b)) {
    const names = Object.keys(a);
    return names.length === Object.keys(b).length && names.every((name) => name in b && equal(a[name], b[name]));
  }
  return false;
}
