/** Pulumi's property values: JSON, secrets and unknown values. */

/** A value that the engine encrypts in the state and masks in its output. */
export class Secret {
  readonly value: Value;
  constructor(value: Value) {
    this.value = value;
  }
}

/** Placeholder in a preview for an output of a resource that does not exist yet. */
export class Unknown {
  private readonly kind = "unknown";
  toString(): string {
    return this.kind;
  }
}
export const unknown = new Unknown();

export type Value = null | boolean | number | string | Secret | Unknown | Value[] | Fields;
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

/** The string property of this name, or "". */
export function text(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === "string" ? value : "";
}

/** The number property of this name, or undefined. */
export function number(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  return typeof value === "number" ? value : undefined;
}

export function containsUnknown(value: Value): boolean {
  if (value instanceof Unknown) return true;
  if (value instanceof Secret) return containsUnknown(value.value);
  if (Array.isArray(value)) return value.some(containsUnknown);
  return isFields(value) && Object.values(value).some(containsUnknown);
}

/** Deep equality. An unknown value equals only another unknown value. */
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
