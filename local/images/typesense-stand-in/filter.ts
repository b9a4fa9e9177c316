import { Failure } from "./failure.ts";
import { type Document, elementType, type Field, findField, type Schema, valueAt } from "./schema.ts";
import { tokens } from "./tokens.ts";

/** Whether a document is among those asked for. */
export type Predicate = (document: Document) => boolean;

const PUNCTUATION = /\s*(&&|\|\||\(|\))/y;
const CLAUSE = /\s*([\w.]+)\s*:\s*(!=|!|=|>=|<=|>|<)?\s*((?:\[(?:`[^`]*`|[^\]`])*\])|(?:`[^`]*`|(?!&&|\|\|)[^`)])+)/y;

/**
 * Reads `field:value`, `:=`, `:!=`, `:!`, `:>`, `:>=`, `:<`, `:<=`, lists `[a, b]`, ranges `[1..5]`, joined by `&&` and
 * `||` (in which `&&` binds tighter) and parentheses.
 * @throws Failure as Typesense refuses it
 */
export function parseFilter(schema: Schema, text: string): Predicate {
  if (text.trim() === "") return () => true;
  const reader = new Reader(schema, text);
  const predicate = reader.either();
  reader.end();
  return predicate;
}

class Reader {
  readonly #schema: Schema;
  readonly #text: string;
  #place = 0;

  constructor(schema: Schema, text: string) {
    this.#schema = schema;
    this.#text = text.trimEnd();
  }

  either(): Predicate {
    const parts = [this.#both()];
    while (this.#take("||")) parts.push(this.#both());
    return (document) => parts.some((part) => part(document));
  }

  end(): void {
    if (this.#place < this.#text.length) throw unreadable();
  }

  #both(): Predicate {
    const parts = [this.#one()];
    while (this.#take("&&")) parts.push(this.#one());
    return (document) => parts.every((part) => part(document));
  }

  #one(): Predicate {
    if (!this.#take("(")) return this.#clause();
    const inner = this.either();
    if (!this.#take(")")) throw unreadable();
    return inner;
  }

  #clause(): Predicate {
    CLAUSE.lastIndex = this.#place;
    const [whole, name = "", operator = ":", value = ""] = CLAUSE.exec(this.#text) ?? [];
    if (whole === undefined) throw unreadable();
    this.#place = CLAUSE.lastIndex;
    return clause(this.#schema, name, operator, value.trim());
  }

  #take(sign: string): boolean {
    PUNCTUATION.lastIndex = this.#place;
    if (PUNCTUATION.exec(this.#text)?.[1] !== sign) return false;
    this.#place = PUNCTUATION.lastIndex;
    return true;
  }
}

function clause(schema: Schema, name: string, operator: string, text: string): Predicate {
  const isList = text.startsWith("[");
  const values = isList ? splitList(text.slice(1, -1)) : [unquoted(text)];
  if (name === "id") {
    const ids = new Set(values);
    return ({ id }) => ids.has(id) !== operator.startsWith("!");
  }
  const field = findField(schema, name);
  if (field === undefined) throw new Failure(404, `Could not find a filter field named \`${name}\` in the schema.`);
  if (!field.index) throw new Failure(400, `Cannot filter on non-indexed field \`${name}\`.`);
  const isNegated = operator.startsWith("!");
  const tests = values.map((value) => test(field, operator, value));
  return (document) => {
    const found = [valueAt(document, name)].flat().filter((value) => value !== undefined && value !== null);
    return found.some((value) => tests.some((matches) => matches(value))) !== isNegated;
  };
}

function test(field: Field, operator: string, text: string): (value: unknown) => boolean {
  switch (elementType(field)) {
    case "bool":
      if (text !== "true" && text !== "false") {
        throw new Failure(400, `Value of filter field \`${field.name}\` must be \`true\` or \`false\`.`);
      }
      return (value) => value === (text === "true");
    case "int32":
    case "int64":
    case "float":
      return numberTest(field, operator, text);
    default:
      return textTest(operator, text);
  }
}

function numberTest(field: Field, operator: string, text: string): (value: unknown) => boolean {
  const [from = "", to] = text.split("..");
  const low = number(field, from);
  if (to !== undefined) {
    const high = number(field, to);
    return (value) => Number(value) >= low && Number(value) <= high;
  }
  switch (operator) {
    case ">":
      return (value) => Number(value) > low;
    case ">=":
      return (value) => Number(value) >= low;
    case "<":
      return (value) => Number(value) < low;
    case "<=":
      return (value) => Number(value) <= low;
    default:
      return (value) => Number(value) === low;
  }
}

function number(field: Field, text: string): number {
  const type = elementType(field);
  const pattern = type === "float" ? /^\s*-?\d+(\.\d+)?\s*$/ : /^\s*-?\d+\s*$/;
  if (pattern.test(text)) return Number(text);
  throw new Failure(400, `Error with filter field \`${field.name}\`: Not ${type === "float" ? "a" : "an"} ${type}.`);
}

/** `:=` and `:!=` mean the whole value, `:` and `:!` all the words in it; `*` at the end stands for any end. */
function textTest(operator: string, text: string): (value: unknown) => boolean {
  const isPrefix = text.endsWith("*");
  const wanted = tokens(text);
  const last = wanted.length - 1;
  const matches = (word: string | undefined, index: number) =>
    isPrefix && index === last ? word?.startsWith(wanted[index] ?? "") === true : word === wanted[index];
  if (operator === "=" || operator === "!=") {
    return (value) => {
      const words = tokens(String(value));
      return (isPrefix || words.length === wanted.length) && wanted.every((_, index) => matches(words[index], index));
    };
  }
  return (value) => {
    const words = tokens(String(value));
    return wanted.every((_, index) => words.some((word) => matches(word, index)));
  };
}

function splitList(text: string): string[] {
  return [...text.matchAll(/\s*(`[^`]*`|[^,`]+)\s*(?:,|$)/g)].map(([, value = ""]) => unquoted(value.trim()));
}

function unquoted(text: string): string {
  return /^`[^`]*`$/.test(text) ? text.slice(1, -1) : text;
}

function unreadable(): Failure {
  return new Failure(400, "Could not parse the filter query.");
}
