/** What a resource is going to be, and what has to happen for that: pure functions of its inputs and its state. */
import { containsUnknown, equal, Unknown, unknown, type Fields, type Value } from "./values.ts";
import type { Attribute, Kind, Made, Problem } from "./resources.ts";

/** Everything that is wrong with the inputs. What is not known yet cannot be wrong. */
export function problems(kind: Kind, inputs: Fields): Problem[] {
  const found = Object.keys(inputs)
    .filter((name) => !(name in kind.attributes))
    .map((property) => ({ property, reason: "is not an attribute of this resource" }));
  for (const [property, attribute] of Object.entries(kind.attributes)) {
    const reason = problem(attribute, inputs[property]);
    if (reason !== undefined) found.push({ property, reason });
  }
  const { number, numeric } = inputs;
  if (typeof number === "boolean" && typeof numeric === "boolean" && number !== numeric) {
    found.push({ property: "number", reason: "is another name of numeric, and set to another value: leave it out" });
  }
  return found.length > 0 ? found : (kind.problems?.(planned(kind, inputs)) ?? []);
}

function problem(attribute: Attribute, value: Value | undefined): string | undefined {
  if (value === undefined || value === null) return attribute.required ? "is required" : undefined;
  if (value instanceof Unknown) return undefined;
  if (!isOfType(attribute, value)) return `must be of type ${attribute.type}, is ${JSON.stringify(value)}`;
  if (typeof value === "number" && attribute.least !== undefined && value < attribute.least) {
    return `must be at least ${attribute.least}, is ${value}`;
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

/** The inputs with the defaults filled in, as the state holds them. */
export function planned(kind: Kind, inputs: Fields): Fields {
  const attributes: Fields = {};
  for (const [name, attribute] of Object.entries(kind.attributes)) {
    const value = inputs[name] ?? attribute.default;
    if (value !== undefined) attributes[name] = value;
  }
  // Two names of one attribute: the newer one and the one it had before.
  if ("numeric" in kind.attributes) {
    const numeric = inputs["numeric"] ?? inputs["number"] ?? true;
    Object.assign(attributes, { number: numeric, numeric });
  }
  return attributes;
}

/** The names of the attributes that change, and of those among them that need another resource. */
export function changes(kind: Kind, state: Fields, inputs: Fields): { changed: string[]; replacing: string[] } {
  const next = planned(kind, inputs);
  const changed = Object.keys(kind.attributes).filter((name) => !equal(state[name] ?? null, next[name] ?? null));
  return { changed, replacing: changed.filter((name) => replaces(name, state[name] ?? null, next[name] ?? null)) };
}

function replaces(name: string, before: Value, after: Value): boolean {
  switch (name) {
    case "keepers":
      return containsUnknown(after) || !equal(before ?? {}, after ?? {});
    case "overrideSpecial":
      // Both mean the default characters.
      return !(before === "" && after === null);
    default:
      return true;
  }
}

/** The state of a resource in a preview. */
export function preview(kind: Kind, inputs: Fields): Fields {
  return { ...planned(kind, inputs), ...Object.fromEntries(kind.computed.map((name) => [name, unknown])), id: unknown };
}

/** The state of a resource that was made. */
export function state(kind: Kind, attributes: Fields, made: Made): Fields {
  const meta: Fields =
    kind.schemaVersion === undefined ? {} : { __meta: JSON.stringify({ schema_version: `${kind.schemaVersion}` }) };
  return { ...meta, ...attributes, ...made.outputs };
}

/** The inputs that would make a resource like an imported one. */
export function inputsOf(kind: Kind, state: Fields): Fields {
  const set = Object.keys(kind.attributes).filter((name) => ![undefined, null, 0, ""].includes(state[name] as null));
  return Object.fromEntries(set.map((name) => [name, state[name] ?? null]));
}
