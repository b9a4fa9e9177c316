/**
 * Compares what the stack declares of an object with the live object. Only declared fields count: others belong to
 * controllers, or to people who added them. The expected value is the one that the API server answered to the last
 * update, because it writes quantities and defaults in its own way.
 */
import { isDeepStrictEqual } from "node:util";
import type { LiveObject } from "../cluster-api.ts";
import { Hidden, type Declared } from "./declared.ts";

interface Field {
  readonly path: string;
  readonly declared: unknown;
  readonly recorded: unknown;
  readonly live: unknown;
  /** Whether to keep the values out of messages. */
  readonly isHidden: boolean;
}

/** Longer values are not shown. */
const SHOWN_CHARACTERS = 60;

/** The differences, such as "spec.replicas is 0 instead of 1". */
export function differences({ kind, inputs, recorded }: Declared, live: LiveObject): string[] {
  const isSecret = kind === "Secret";
  return compare({ path: "", declared: isSecret ? dataOf(inputs) : inputs, recorded, live, isHidden: isSecret });
}

/** A Secret's inputs with `stringData` as the API server stores it: in `data`. */
function dataOf({ stringData, data, ...rest }: Declared["inputs"]): unknown {
  const visible = (value: unknown) => (value instanceof Hidden ? value.value : value) as object | undefined;
  return { ...rest, data: { ...visible(data), ...visible(stringData) } };
}

function compare({ path, declared, recorded, live, isHidden }: Field): string[] {
  if (declared instanceof Hidden) return compare({ path, declared: declared.value, recorded, live, isHidden: true });
  // The server does not store this field.
  if (recorded === undefined) return [];
  const within = (key: string | number, at: string): string[] =>
    compare({
      path: at,
      declared: item(declared, key),
      recorded: item(recorded, key),
      live: item(live, key),
      isHidden,
    });
  if (areFilledObjects(declared, recorded) && isObject(live)) {
    return Object.keys(declared as object).flatMap((key) => within(key, memberPath(path, key)));
  }
  if (areListsOfOneLength(declared, recorded, live)) {
    return (declared as unknown[]).flatMap((_, index) => within(index, `${path}[${String(index)}]`));
  }
  return isDeepStrictEqual(recorded, live) ? [] : [message(path, recorded, live, isHidden)];
}

function message(path: string, recorded: unknown, live: unknown, isHidden: boolean): string {
  if (live === undefined) return `${path} is missing`;
  if (isHidden || !isShort(recorded) || !isShort(live)) return `${path} has changed`;
  return `${path} is ${JSON.stringify(live)} instead of ${JSON.stringify(recorded)}`;
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** An empty object is a value: `podSelector: {}` selects all pods. */
const areFilledObjects = (declared: unknown, recorded: unknown): boolean =>
  isObject(declared) && Object.keys(declared).length > 0 && isObject(recorded);

const areListsOfOneLength = (...values: readonly unknown[]): boolean =>
  values.every((value) => Array.isArray(value) && value.length === (values[0] as unknown[]).length);

const item = (container: unknown, key: string | number): unknown =>
  (container as Readonly<Record<string | number, unknown>>)[key];

const memberPath = (path: string, key: string): string =>
  /^\w+$/.test(key) ? `${path}${path === "" ? "" : "."}${key}` : `${path}["${key}"]`;

function isShort(value: unknown): boolean {
  if (typeof value === "object") return false;
  const text = JSON.stringify(value);
  return text.length <= SHOWN_CHARACTERS && !text.includes("\\n");
}
