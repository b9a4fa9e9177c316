import { randomBytes, timingSafeEqual } from "node:crypto";
import { Failure } from "./failure.ts";
import type { Json } from "./schema.ts";
import type { Key } from "./state.ts";

// The year 2106: Typesense's word for never.
const NEVER = 64_723_363_199;

/** @throws Failure as Typesense refuses it */
export function parseKey(json: Json, id: number): Key {
  for (const name of ["description", "actions", "collections"]) {
    if (json[name] === undefined) throw new Failure(400, `Could not find a \`${name}\` key.`);
  }
  const { value = randomBytes(24).toString("base64url"), description, expires_at = NEVER } = json;
  if (typeof value !== "string") throw new Failure(400, "Key value must be a string.");
  if (typeof description !== "string") throw new Failure(400, "Key description must be a string.");
  if (!Number.isInteger(expires_at) || Number(expires_at) < 0) {
    throw new Failure(400, "Wrong format for `expires_at`. It should be an unsigned integer.");
  }
  return {
    id,
    value,
    description,
    actions: strings("actions", json.actions),
    collections: strings("collections", json.collections),
    expires_at: Number(expires_at),
  };
}

/** A key as it is told after its making: only its beginning is. */
export function withoutValue({ value, ...rest }: Key): Json {
  return { ...rest, value_prefix: value.slice(0, 4) };
}

/** Whether a key allows an action (`documents:search`) on a collection ("" for none in particular). */
export function allows(key: Key, action: string, collection: string, now = Date.now()): boolean {
  const [kind = ""] = action.split(":");
  const isAllowed = key.actions.some((each) => each === "*" || each === action || each === `${kind}:*`);
  const matches = (pattern: string) => pattern === "*" || new RegExp(`^(?:${pattern})$`).test(collection);
  return isAllowed && key.collections.some(matches) && key.expires_at * 1000 > now;
}

/** Compares without telling by its duration where they differ. */
export function equal(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function strings(name: string, value: unknown): string[] {
  if (Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === "string")) {
    return value;
  }
  throw new Failure(400, `Wrong format for \`${name}\`. It should be an array of string.`);
}
