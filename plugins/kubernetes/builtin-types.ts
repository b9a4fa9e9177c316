/**
 * The Go types of Kubernetes' built-in kinds, as far as they decide how an object is written: which fields there are,
 * and which the API server leaves out when empty. `builtin-types/main.go` writes the table from k8s.io/api.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalQuantity } from "../../settings/kubernetes-quantity.ts";
import { isFields, text, type Fields, type Value } from "./values.ts";

/** Field names to codes: `?` omitted when empty, `*` pointer, `[]` list, `{}` map, then a type name. */
type Type = Readonly<Record<string, string>>;

interface Table {
  readonly kinds: ReadonlyMap<string, string>;
  readonly types: ReadonlyMap<string, Type>;
}

let loaded: Table | undefined;
function table(): Table {
  if (loaded === undefined) {
    const kinds = new Map<string, string>();
    const types = new Map<string, Type>();
    const file = join(import.meta.dirname, "builtin-types", "types.jsonl");
    for (const line of readFileSync(file, "utf8").split("\n").filter(Boolean)) {
      const { type, kinds: names, fields } = JSON.parse(line) as { type: string; kinds?: string[]; fields: Type };
      types.set(type, fields);
      for (const name of names ?? []) kinds.set(name, type);
    }
    loaded = { kinds, types };
  }
  return loaded;
}

/** A value that does not fit its Go type; the API server would refuse it. */
class Misfit extends Error {}

const isEmpty = (value: Value): boolean =>
  value === null ||
  value === false ||
  value === 0 ||
  value === "" ||
  (Array.isArray(value) && value.length === 0) ||
  (isFields(value) && Object.keys(value).length === 0);

function expected<T extends Value>(value: Value, type: string): T {
  const fits =
    type === "bool"
      ? typeof value === "boolean"
      : type === "string"
        ? typeof value === "string"
        : typeof value === "number";
  if (!fits) throw new Misfit(`${JSON.stringify(value)} is not a ${type}`);
  return value as T;
}

function convert(value: Value, code: string): Value {
  if (value === null) return null;
  if (code.startsWith("*")) return convert(value, code.slice(1));
  if (code.startsWith("[]")) {
    if (!Array.isArray(value)) throw new Misfit(`${JSON.stringify(value)} is not a list`);
    return value.map((item) => convert(item, code.slice(2)));
  }
  if (code.startsWith("{}")) {
    if (!isFields(value)) throw new Misfit(`${JSON.stringify(value)} is not a map`);
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, convert(item, code.slice(2))]));
  }
  switch (code) {
    case "raw":
      return value;
    case "intOrString":
      return typeof value === "number" ? value : expected(value, "string");
    case "quantity": {
      const quantity = typeof value === "number" ? value : expected<string>(value, "string");
      const canonical = canonicalQuantity(quantity);
      if (canonical === undefined) throw new Misfit(`${quantity} is not a quantity`);
      return canonical;
    }
    case "bool":
    case "int":
    case "float":
      return expected(value, code);
    case "string":
    case "time":
    case "microTime":
    case "duration":
    case "bytes":
      return expected(value, "string");
    default:
      if (!isFields(value)) throw new Misfit(`${JSON.stringify(value)} is not an object`);
      return convertStruct(value, table().types.get(code) ?? {});
  }
}

function convertStruct(object: Fields, type: Type): Fields {
  const result: Fields = {};
  for (const [name, value] of Object.entries(object)) {
    const code = type[name];
    if (code === undefined) continue;
    const omitEmpty = code.startsWith("?");
    const bare = omitEmpty ? code.slice(1) : code;
    const converted = convert(value, bare);
    // A pointer to something empty and a struct are written, every other empty value with omitempty is not.
    const kept = /^(\*|quantity|intOrString|raw)/.test(bare) || table().types.has(bare);
    if (converted === null || (omitEmpty && !kept && isEmpty(converted))) continue;
    result[name] = converted;
  }
  return result;
}

/**
 * The object as the API server would write it back: unknown fields and empty optional ones gone, quantities canonical.
 * The object itself, unchanged, when its kind is not in the table or a value does not fit (the API server will say so).
 */
export function writtenBack(object: Fields): Fields {
  const { kinds, types } = table();
  const type = types.get(kinds.get(`${text(object, "apiVersion")}/${text(object, "kind")}`) ?? "");
  if (type === undefined) return object;
  try {
    return convertStruct(object, type);
  } catch (error) {
    if (error instanceof Misfit) return object;
    throw error;
  }
}
