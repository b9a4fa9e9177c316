import type { Component, Components } from "./documents.ts";

/** A value in both stacks; undefined where a stack has none. */
interface Difference {
  readonly staging?: unknown;
  readonly other?: unknown;
}

type Values = Readonly<Record<string, unknown>>;

/** Items of a list by their name where each has one, as containers and variables have; else by position. */
function itemsOf(list: readonly unknown[]): Values {
  const names = list.map((item) => (item as { name?: unknown } | null)?.name);
  const areNames = new Set(names).size === list.length && names.every((name) => typeof name === "string");
  return Object.fromEntries(list.map((item, index) => [`[${areNames ? String(names[index]) : String(index)}]`, item]));
}

function fieldsOf(value: unknown): Values | undefined {
  if (Array.isArray(value)) return itemsOf(value);
  return typeof value === "object" && value !== null ? (value as Values) : undefined;
}

/** The paths at which two values differ. */
function differences(staging: unknown, other: unknown, at: string): (readonly [string, Difference])[] {
  if (JSON.stringify(staging) === JSON.stringify(other)) return [];
  const [before, after] = [fieldsOf(staging), fieldsOf(other)];
  if (before === undefined || after === undefined || Array.isArray(staging) !== Array.isArray(other))
    return [[at, { ...(staging !== undefined && { staging }), ...(other !== undefined && { other }) }]];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) =>
    differences(before[key], after[key], at === "" || key.startsWith("[") ? `${at}${key}` : `${at}.${key}`),
  );
}

/** A stack as its difference from staging, by component and resource; a resource that only one stack has is whole. */
export function differenceFrom(staging: Components, other: Components): Components {
  const names = [...new Set([...Object.keys(staging), ...Object.keys(other)])].sort();
  return Object.fromEntries(
    names.flatMap((name) => {
      const component = differingResources(staging[name] ?? {}, other[name] ?? {});
      return Object.keys(component).length === 0 ? [] : [[name, component]];
    }),
  );
}

function differingResources(staging: Component, other: Component): Component {
  const titles = [...new Set([...Object.keys(staging), ...Object.keys(other)])].sort();
  return Object.fromEntries(
    titles.flatMap((title) => {
      if (!(title in staging)) return [[`${title} (not in staging)`, other[title]]];
      if (!(title in other)) return [[`${title} (in staging only)`, null]];
      const found = differences(staging[title], other[title], "");
      return found.length === 0 ? [] : [[title, Object.fromEntries(found)]];
    }),
  );
}
