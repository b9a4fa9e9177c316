/** Pulumi's encoding of property values in `google.protobuf.Struct`. */
import type { JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { structMessages } from "./protocol.ts";
import { isFields, Secret, unknown, Unknown, type Fields, type Value } from "./values.ts";

const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const unknownString = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** The engine has one placeholder per type: string, bool, number, array, asset, archive, object. */
const unknownPlaceholders: ReadonlySet<string> = new Set([
  unknownString,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

function decode(value: unknown): Value {
  if (typeof value === "string") return unknownPlaceholders.has(value) ? unknown : value;
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean" || typeof value === "number") return value;
  if (Array.isArray(value)) return value.map(decode);
  const object = value as Record<string, unknown>;
  switch (object[signatureKey]) {
    case undefined:
      return Object.fromEntries(Object.entries(object).map(([name, item]) => [name, decode(item)]));
    case secretSignature:
      return new Secret(decode(object["value"]));
    case outputSignature: {
      const inner = "value" in object ? decode(object["value"]) : unknown;
      return object["secret"] === true ? new Secret(inner) : inner;
    }
    default:
      throw new Error("this resource does not accept assets, archives or resource references as inputs");
  }
}

type Plain = null | boolean | number | string | Plain[] | { [name: string]: Plain };

function encode(value: Value): Plain {
  if (value instanceof Unknown) return unknownString;
  if (value instanceof Secret) return { [signatureKey]: secretSignature, value: encode(value.value) };
  if (Array.isArray(value)) return value.map(encode);
  if (isFields(value)) return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, encode(item)]));
  return value;
}

/** Decodes the properties of a message; empty if the message has no Struct. */
export function fromStruct(struct: Struct | undefined): Fields {
  return struct === undefined ? {} : (decode(struct.toJavaScript()) as Fields);
}

export function toStruct(properties: Fields): Struct {
  return structMessages.Struct.fromJavaScript(encode(properties) as Record<string, JavaScriptValue>);
}
