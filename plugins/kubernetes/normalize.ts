/** Inputs brought into the one form in which equal things are written equally. */
import { writtenBack } from "./builtin-types.ts";
import { isBuiltIn, isCustomResourceDefinition, isSecret } from "./kinds.ts";
import { containsUnknown, copy, fields, isFields, remove, text, type Fields, type Value } from "./values.ts";

/** The parts of `source` that `shape` has too. Lists are compared by position, as they are in a merge patch. */
export function prune(source: Fields, shape: Fields): Fields {
  const result: Fields = {};
  for (const [name, value] of Object.entries(source)) {
    const wanted = shape[name];
    if (wanted === undefined) continue;
    result[name] = pruneValue(value, wanted);
  }
  return result;
}

function pruneValue(value: Value, shape: Value): Value {
  if (isFields(value) && isFields(shape)) return prune(value, shape);
  if (Array.isArray(value) && Array.isArray(shape)) return pruneList(value, shape);
  return value;
}

function pruneList(source: Value[], shape: Value[]): Value[] {
  const result: Value[] = [];
  for (const [index, wanted] of shape.entries()) {
    const value = source[index];
    if (value === undefined) break;
    result.push(pruneValue(value, wanted));
  }
  return result;
}

const base64 = (value: Value): Value => (typeof value === "string" ? Buffer.from(value).toString("base64") : value);

/** Line breaks go; what is not base64 stays, for the API server to refuse. */
function canonicalBase64(value: string): string {
  const compact = value.replace(/[\r\n]/g, "");
  return Buffer.from(compact, "base64").toString("base64") === compact ? compact : value;
}

/** The API server moves stringData into data, and writes data in canonical base64. */
function normalizeSecret(secret: Fields): Fields {
  const { stringData, ...rest } = secret;
  if (isFields(stringData) && Object.keys(stringData).length > 0) {
    const encoded = Object.entries(stringData).map(([name, value]) => [name, base64(value)]);
    return { ...rest, data: { ...fields(secret, "data"), ...(Object.fromEntries(encoded) as Fields) } };
  }
  if (!isFields(secret["data"])) return secret;
  const data: Fields = {};
  for (const [name, value] of Object.entries(secret["data"])) {
    data[name] = typeof value === "string" ? canonicalBase64(value) : value;
  }
  return { ...secret, data };
}

/** The server ignores a status in the inputs, and drops preserveUnknownFields when false. */
function normalizeDefinition(crd: Fields): Fields {
  const result = copy(crd);
  remove(result, "status");
  if (fields(result, "spec")["preserveUnknownFields"] === false) remove(result, "spec", "preserveUnknownFields");
  return result;
}

/** Fields of metadata that only the server writes. */
const readOnly = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "uid",
];

/**
 * Inputs as the API server would write them, as far as that is known here: built-in kinds by their Go types, custom
 * resources as they are. Inputs with unknown values stay as they are.
 */
export function normalize(inputs: Fields): Fields {
  let result = copy(inputs);
  if (!containsUnknown(inputs) && isBuiltIn(text(inputs, "apiVersion"))) {
    if (isCustomResourceDefinition(result)) result = normalizeDefinition(result);
    else if (isSecret(result)) result = normalizeSecret(result);
    else result = prune(writtenBack(result), inputs);
  }
  for (const name of readOnly) remove(result, "metadata", name);
  return result;
}
