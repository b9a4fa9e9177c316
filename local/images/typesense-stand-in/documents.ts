import { Failure, notInStandIn } from "./failure.ts";
import { type Document, elementType, type Field, isPattern, type Json, type Schema, valueAt } from "./schema.ts";

/** What is done with a document whose id is there already, or is not. */
export type Action = "create" | "upsert" | "update" | "emplace";

/** @throws Failure as Typesense refuses it */
export function parseAction(text = "create"): Action {
  if (text === "create" || text === "upsert" || text === "update" || text === "emplace") return text;
  throw new Failure(400, "Parameter `action` must be a create|update|upsert.");
}

/** What is done with a value of another type than its field's: made fit if possible, or always refused. */
export type DirtyValues = "coerce_or_reject" | "reject";

/** @throws Failure for Typesense's other ways */
export function parseDirtyValues(text = ""): DirtyValues {
  const value = text === "" ? "coerce_or_reject" : text.toLowerCase();
  if (value === "coerce_or_reject" || value === "reject") return value;
  throw notInStandIn(`The value \`${text}\` of \`dirty_values\``);
}

/**
 * The document to store, which fits the schema.
 * @param given what the client sent, with its id
 * @param stored the document that has this id now
 * @throws Failure as Typesense refuses it
 */
export function prepare(
  schema: Schema,
  given: Json & { readonly id: string },
  stored: Document | undefined,
  action: Action,
  dirty: DirtyValues,
): Document {
  if (action === "create" && stored !== undefined) {
    throw new Failure(409, `A document with id ${given.id} already exists.`);
  }
  if (action === "update" && stored === undefined) {
    throw new Failure(404, `Could not find a document with id: ${given.id}`);
  }
  const isPartial = action === "update" || action === "emplace";
  return fitted(schema, isPartial && stored !== undefined ? { ...stored, ...given } : given, dirty);
}

function fitted(schema: Schema, document: Json & { readonly id: string }, dirty: DirtyValues): Document {
  const result: Record<string, unknown> & { id: string } = { ...document };
  for (const field of schema.fields) {
    if (isPattern(field.name) || !field.index || field.name === "id") continue;
    const value = valueAt(document, field.name);
    if (value === undefined || value === null) {
      if (field.optional) continue;
      const what = "has been declared in the schema, but is not found in the document.";
      throw new Failure(400, `Field \`${field.name}\` ${what}`);
    }
    const fit = fitValue(field, value, dirty);
    // A nested field is only looked at: making it fit would take a copy of all above it.
    if (field.name in document) result[field.name] = fit;
  }
  return result;
}

function fitValue(field: Field, value: unknown, dirty: DirtyValues): unknown {
  const type = elementType(field);
  if (type === "auto" || type === "geopoint" || field.type === "string*") return value;
  if (!field.type.endsWith("[]")) {
    // A field within an array of objects has many values.
    if (Array.isArray(value) && field.name.includes(".")) return value;
    return fitElement(field, type, value, dirty, article(type));
  }
  if (!Array.isArray(value)) throw new Failure(400, `Field \`${field.name}\` must be an array.`);
  return value.map((each) => fitElement(field, type, each, dirty, "an array of"));
}

function fitElement(field: Field, type: string, value: unknown, dirty: DirtyValues, suffix: string): unknown {
  if (hasType(type, value)) return value;
  const made = dirty === "reject" ? undefined : coerced(type, value);
  if (made === undefined) throw new Failure(400, `Field \`${field.name}\` must be ${suffix} ${type}.`);
  return made;
}

function hasType(type: string, value: unknown): boolean {
  switch (type) {
    case "string":
      return typeof value === "string";
    case "bool":
      return typeof value === "boolean";
    case "float":
      return typeof value === "number";
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    default:
      return Number.isInteger(value) && (type !== "int32" || Math.abs(Number(value)) < 2 ** 31);
  }
}

function coerced(type: string, value: unknown): unknown {
  if (type === "string") return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
  if (type === "bool") {
    const index = ["false", "true"].indexOf(String(value).toLowerCase());
    return index >= 0 ? index === 1 : value === 0 || value === 1 ? value === 1 : undefined;
  }
  if (type === "object" || (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean")) {
    return undefined;
  }
  if (typeof value === "string" && value.trim() === "") return undefined;
  const number = type === "float" ? Number(value) : Math.trunc(Number(value));
  return Number.isNaN(number) || !hasType(type, number) ? undefined : number;
}

function article(type: string): string {
  return /^[aeio]/.test(type) ? "an" : "a";
}
