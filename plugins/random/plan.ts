/** Validates inputs, computes states and detects changes: pure functions of a resource's inputs and state. */
import { containsUnknown, equal, Unknown, unknown, type Fields, type Value } from "./values.ts";
import type { Attribute, CreatedResource, Problem, ResourceType } from "./resources.ts";

/** All validation errors of the inputs. Unknown values are not validated. */
export function problems(type: ResourceType, inputs: Fields): Problem[] {
  const found = Object.keys(inputs)
    .filter((name) => !(name in type.attributes))
    .map((property) => ({ property, reason: "is not a property of this resource" }));
  for (const [property, attribute] of Object.entries(type.attributes)) {
    const reason = problem(attribute, inputs[property]);
    if (reason !== undefined) found.push({ property, reason });
  }
  const { number, numeric } = inputs;
  if (typeof number === "boolean" && typeof numeric === "boolean" && number !== numeric) {
    found.push({ property: "number", reason: "conflicts with numeric, of which it is a deprecated alias: remove it" });
  }
  return found.length > 0 ? found : (type.problems?.(withDefaults(type, inputs)) ?? []);
}

function problem(attribute: Attribute, value: Value | undefined): string | undefined {
  if (value === undefined || value === null) return attribute.required ? "is required" : undefined;
  if (value instanceof Unknown) return undefined;
  if (!isOfType(attribute, value)) return `must be of type ${attribute.type}, but is ${JSON.stringify(value)}`;
  if (typeof value === "number" && attribute.minimum !== undefined && value < attribute.minimum) {
    return `must be at least ${attribute.minimum}, but is ${value}`;
  }
  return undefined;
}

function isOfType({ type }: Attribute, value: Value): boolean {
  switch (type) {
    case "integer":
      return Number.isSafeInteger(value);
    case "list":
      return Array.isArray(value);
    case "map":
      return typeof value === "object" && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}

/** The inputs with defaults, as the state holds them. */
export function withDefaults(type: ResourceType, inputs: Fields): Fields {
  const attributes: Fields = {};
  for (const [name, attribute] of Object.entries(type.attributes)) {
    const value = inputs[name] ?? attribute.default;
    if (value !== undefined) attributes[name] = value;
  }
  // number is the former name of numeric.
  if ("numeric" in type.attributes) {
    const numeric = inputs["numeric"] ?? inputs["number"] ?? true;
    Object.assign(attributes, { number: numeric, numeric });
  }
  return attributes;
}

/** The names of the changed attributes, and those of them that require a replacement. */
export function changes(type: ResourceType, state: Fields, inputs: Fields): { changed: string[]; replacing: string[] } {
  const next = withDefaults(type, inputs);
  const changed = Object.keys(type.attributes).filter((name) => !equal(state[name] ?? null, next[name] ?? null));
  return { changed, replacing: changed.filter((name) => mustReplace(name, state[name] ?? null, next[name] ?? null)) };
}

function mustReplace(name: string, before: Value, after: Value): boolean {
  switch (name) {
    case "keepers":
      return containsUnknown(after) || !equal(before ?? {}, after ?? {});
    case "overrideSpecial":
      // Both mean the default character set.
      return !(before === "" && after === null);
    default:
      return true;
  }
}

/** The state of a resource in a preview. */
export function preview(type: ResourceType, inputs: Fields): Fields {
  const computed = Object.fromEntries(type.computed.map((name) => [name, unknown]));
  return { ...withDefaults(type, inputs), ...computed, id: unknown };
}

/** The state of a created or imported resource. */
export function state(type: ResourceType, attributes: Fields, created: CreatedResource): Fields {
  const meta: Fields =
    type.schemaVersion === undefined ? {} : { __meta: JSON.stringify({ schema_version: `${type.schemaVersion}` }) };
  return { ...meta, ...attributes, ...created.outputs };
}

/** The inputs that correspond to an imported state. */
export function inputsFromState(type: ResourceType, state: Fields): Fields {
  const set = Object.keys(type.attributes).filter((name) => ![undefined, null, 0, ""].includes(state[name] as null));
  return Object.fromEntries(set.map((name) => [name, state[name] ?? null]));
}
