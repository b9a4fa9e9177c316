import type { Value } from "../value.ts";
import type { Format } from "./formats.ts";

/** Notes what the API server would reject at or below a value. Ignores unset and unknown values. */
export type Rule = (value: Value) => void;

export function object(fields: Readonly<Record<string, Rule>>, ...checks: readonly Rule[]): Rule {
  const rules = Object.entries(fields);
  return (value) => {
    if (!value.isObject()) return;
    for (const [name, rule] of rules) rule(value.get(name));
    for (const check of checks) check(value);
  };
}

export function list(item: Rule, ...checks: readonly Rule[]): Rule {
  return (value) => {
    for (const each of value.items()) item(each);
    for (const check of checks) check(value);
  };
}

/** A text in this format; an empty text counts as unset. */
export function text(format?: Format): Rule {
  return (value) => {
    const known = value.text();
    if (known !== undefined && known !== "") reject(value, format?.(known));
  };
}

export function integer(format: Format<number>): Rule {
  return (value) => {
    const known = value.integer();
    if (known !== undefined) reject(value, format(known));
  };
}

export function integerOrText(number: Format<number>, name: Format): Rule {
  return (value) => {
    const known = value.integerOrText();
    if (known !== undefined) reject(value, typeof known === "number" ? number(known) : name(known));
  };
}

export const flag: Rule = (value) => void value.flag();

export function oneOf(...allowed: readonly string[]): Rule {
  const names = allowed.filter((each) => each !== "").join(", ");
  return (value) => {
    const known = value.text();
    if (known !== undefined && !allowed.includes(known)) reject(value, `must be one of ${names}`);
  };
}

/** A map of texts, such as labels. */
export function texts(key: Format, format?: Format): Rule {
  return (value) => {
    for (const [name, each] of value.entries()) {
      reject(each, key(name) && `the key ${key(name)}`);
      const known = each.text();
      if (known !== undefined) reject(each, format?.(known));
    }
  };
}

/** Rejects a missing or empty value, except in a patch, which may omit any field. */
export function required(rule: Rule): Rule {
  return (value) => {
    const isMissing = value.isSet ? value.isEmptyText : !value.isUnknownOrOmitted;
    if (isMissing) value.reject("missing, the API requires it");
    else rule(value);
  };
}

export function reject(value: Value, problem: string | undefined): void {
  if (problem !== undefined) value.reject(value.isList ? problem : `${value.shown} ${problem}`);
}

/** Rejects items with the key of an earlier item. An undefined key is unknown or missing, and unique. */
export function unique(keyOf: (item: Value) => string | undefined, what: string): Rule {
  return (value) => {
    const seen = new Set<string>();
    for (const item of value.items()) {
      const key = keyOf(item);
      if (key !== undefined && seen.has(key)) item.reject(`has the same ${what} as another item`);
      if (key !== undefined) seen.add(key);
    }
  };
}
