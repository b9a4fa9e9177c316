import type { Value } from "../value.ts";
import type { Format } from "./formats.ts";

/** Notes at a value, and below it, what the API server would refuse. What is unset or unknown is passed over. */
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

/** A text, of this format unless it is empty, which is unset. */
export function text(format?: Format): Rule {
  return (value) => {
    const known = value.text();
    if (known !== undefined && known !== "") refuse(value, format?.(known));
  };
}

export function integer(format: Format<number>): Rule {
  return (value) => {
    const known = value.integer();
    if (known !== undefined) refuse(value, format(known));
  };
}

export function integerOrText(number: Format<number>, name: Format): Rule {
  return (value) => {
    const known = value.integerOrText();
    if (known !== undefined) refuse(value, typeof known === "number" ? number(known) : name(known));
  };
}

export const flag: Rule = (value) => void value.flag();

export function oneOf(...allowed: readonly string[]): Rule {
  const names = allowed.filter((each) => each !== "").join(", ");
  return (value) => {
    const known = value.text();
    if (known !== undefined && !allowed.includes(known)) refuse(value, `must be one of ${names}`);
  };
}

/** A map of texts, such as labels. */
export function texts(key: Format, format?: Format): Rule {
  return (value) => {
    for (const [name, each] of value.entries()) {
      refuse(each, key(name) && `the key ${key(name)}`);
      const known = each.text();
      if (known !== undefined) refuse(each, format?.(known));
    }
  };
}

/** Refuses what is left out or empty, but for a patch, which may leave out anything. */
export function required(rule: Rule): Rule {
  return (value) => {
    const isMissing = value.isSet ? value.isEmptyText : !value.cannotBeKnown;
    if (isMissing) value.refuse("missing: the API requires it");
    else rule(value);
  };
}

export function refuse(value: Value, problem: string | undefined): void {
  if (problem !== undefined) value.refuse(value.isList ? problem : `${value.shown} ${problem}`);
}

/** Refuses items that have the same key as one before them; an undefined key is not known, or none. */
export function unique(keyOf: (item: Value) => string | undefined, what: string): Rule {
  return (value) => {
    const seen = new Set<string>();
    for (const item of value.items()) {
      const key = keyOf(item);
      if (key !== undefined && seen.has(key)) item.refuse(`the same ${what} as another one`);
      if (key !== undefined) seen.add(key);
    }
  };
}
