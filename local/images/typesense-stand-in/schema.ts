import { Failure, notInStandIn } from "./failure.ts";

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** A document as it is stored. */
export type Document = Json & { readonly id: string };

/** A field of a collection, with all that Typesense tells of it. */
export interface Field {
  readonly name: string;
  readonly type: string;
  readonly facet: boolean;
  readonly index: boolean;
  readonly infix: boolean;
  readonly locale: string;
  readonly optional: boolean;
  readonly sort: boolean;
  readonly stem: boolean;
  readonly store: boolean;
}

/** What a collection's documents look like. */
export interface Schema {
  readonly name: string;
  readonly fields: readonly Field[];
  readonly default_sorting_field: string;
  readonly enable_nested_fields: boolean;
  readonly symbols_to_index: readonly string[];
  readonly token_separators: readonly string[];
  readonly metadata?: Json;
}

const ELEMENT_TYPES = ["string", "int32", "int64", "float", "bool", "object"];
const TYPES = [
  ...ELEMENT_TYPES,
  ...ELEMENT_TYPES.map((type) => `${type}[]`),
  "auto",
  "string*",
  "geopoint",
  "geopoint[]",
];
const NOT_KNOWN = ["embed", "num_dim", "reference", "range_index", "vec_dist"];

/** The type of a field's values, one by one. */
export function elementType({ type }: Field): string {
  return type.replace(/\[\]$|\*$/, "");
}

/** @throws Failure as Typesense refuses it */
export function parseSchema(json: Json): Schema {
  const { name, fields, default_sorting_field = "", enable_nested_fields = false } = json;
  const { symbols_to_index = [], token_separators = [], metadata } = json;
  if (name === undefined) throw new Failure(400, "Parameter `name` is required.");
  if (typeof name !== "string" || name === "") throw new Failure(400, "Parameter `name` must be a non-empty string.");
  if (fields === undefined) throw new Failure(400, "Parameter `fields` is required.");
  if (typeof default_sorting_field !== "string") {
    const what = "It should be the name of an int32/float field.";
    throw new Failure(400, `\`default_sorting_field\` should be a string. ${what}`);
  }
  if (typeof enable_nested_fields !== "boolean") {
    throw new Failure(400, "`enable_nested_fields` should be a boolean.");
  }
  const parsed = parseFields(fields);
  if (default_sorting_field !== "" && !parsed.some((field) => field.name === default_sorting_field)) {
    const what = "Default sorting field is defined as";
    throw new Failure(400, `${what} \`${default_sorting_field}\` but is not found in the schema.`);
  }
  return {
    name,
    fields: parsed,
    default_sorting_field,
    enable_nested_fields,
    symbols_to_index: symbols("symbols_to_index", symbols_to_index),
    token_separators: symbols("token_separators", token_separators),
    ...(metadata !== undefined && { metadata: asObject(metadata, "The `metadata` value should be an object.") }),
  };
}

/** @throws Failure as Typesense refuses it */
export function parseFields(fields: unknown): Field[] {
  const hint = "containing `name`, `type` and optionally, `facet` properties.";
  if (!Array.isArray(fields) || fields.length === 0) {
    throw new Failure(400, `The \`fields\` value should be an array of objects ${hint}`);
  }
  return fields.map(parseField);
}

function parseField(json: unknown): Field {
  const wrong =
    "Wrong format for `fields`. It should be an array of objects containing `name`, `type`, `optional` and `facet` properties.";
  const field = asObject(json, wrong);
  const { name, type, locale = "" } = field;
  if (typeof name !== "string" || typeof type !== "string" || typeof locale !== "string") throw new Failure(400, wrong);
  if (name === "") throw new Failure(400, "Field name cannot be empty.");
  if (!TYPES.includes(type))
    throw new Failure(
      400,
      `Field \`${name}\` has an invalid data type \`${type}\`, see docs for supported data types.`,
    );
  const unknown = NOT_KNOWN.find((property) => field[property] !== undefined);
  if (unknown !== undefined) throw notInStandIn(`The \`${unknown}\` property of the field \`${name}\``);
  const flag = (property: string, byDefault: boolean): boolean => {
    const value = field[property] ?? byDefault;
    if (typeof value === "boolean") return value;
    throw new Failure(400, `The \`${property}\` property of the field \`${name}\` should be a boolean.`);
  };
  return {
    facet: flag("facet", false),
    index: flag("index", true),
    infix: flag("infix", false),
    locale,
    name,
    optional: flag("optional", isPattern(name)),
    sort: flag("sort", /^(int32|int64|float|bool)(\[\])?$/.test(type)),
    stem: flag("stem", false),
    store: flag("store", true),
    type,
  };
}

/** Whether a field's name stands for all fields that it matches, as `.*` and `.*_facet` do. */
export function isPattern(name: string): boolean {
  return name.includes(".*");
}

/** The declared field of that name, or the first whose pattern it matches. */
export function findField(schema: Schema, name: string): Field | undefined {
  const matches = (field: Field) => isPattern(field.name) && new RegExp(`^${field.name}$`).test(name);
  return schema.fields.find((field) => field.name === name) ?? schema.fields.find(matches);
}

/** The value at a field's name, whose dots lead into objects; of arrays on the way, those of all elements. */
export function valueAt(document: Json, name: string): unknown {
  if (name in document) return document[name];
  let values: unknown[] = [document];
  let isMany = false;
  for (const step of name.split(".")) {
    values = values.flatMap((value) => {
      if (Array.isArray(value)) isMany = true;
      const inner = (Array.isArray(value) ? value : [value]) as unknown[];
      return inner.flatMap((each) => (isObject(each) && step in each ? [each[step]] : []));
    });
  }
  return isMany ? values.flat() : values[0];
}

/** @throws Failure with `message` */
export function asObject(value: unknown, message: string): Json {
  if (isObject(value)) return value;
  throw new Failure(400, message);
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function symbols(name: string, value: unknown): string[] {
  const good = Array.isArray(value) && value.every((each) => typeof each === "string" && each.length === 1);
  if (!good) throw new Failure(400, `\`${name}\` should be an array of character symbols.`);
  return value as string[];
}
