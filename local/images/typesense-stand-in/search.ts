import type { Collection } from "./state.ts";
import { Failure } from "./failure.ts";
import { parseFilter } from "./filter.ts";
import { type Document, elementType, findField, type Json, type Schema, valueAt } from "./schema.ts";
import { tokens } from "./tokens.ts";

/** Parameters of a request, as text. */
export type Parameters = Readonly<Record<string, string | undefined>>;

interface Hit {
  readonly document: Document;
  readonly score: number;
  /** How late it was added: of equal hits the newest comes first. */
  readonly age: number;
}

const MOST_HITS_OF_A_PAGE = 250;

/**
 * Finds documents with all words of `q`, the last of which may be the beginning of a word; with fewer of the first words
 * if there is none. No typing errors are forgiven, nothing is highlighted.
 * @throws Failure as Typesense refuses it
 */
export function search(collection: Collection, parameters: Parameters): Json {
  const began = performance.now();
  const { schema } = collection;
  const { q } = parameters;
  if (q === undefined) throw new Failure(400, "Parameter `q` is required.");
  const perPage = count(parameters, "limit", count(parameters, "per_page", 10));
  if (perPage > MOST_HITS_OF_A_PAGE) {
    throw new Failure(422, `Only upto ${MOST_HITS_OF_A_PAGE} hits can be fetched per page.`);
  }
  const page = Math.max(1, count(parameters, "page", 1));
  const offset = count(parameters, "offset", (page - 1) * perPage);

  const fields = searchedFields(schema, q, parameters.query_by);
  const isWanted = parseFilter(schema, parameters.filter_by ?? "");
  const order = parseOrder(schema, parameters.sort_by ?? "");
  const candidates = [...collection.documents.values()].map((document, age) => ({ document, age }));
  const chosen = candidates.filter(({ document }) => isWanted(document));
  const hits = match(chosen, fields, q, parameters.prefix !== "false").sort(order);

  const project = projection(parameters);
  return {
    facet_counts: facets(schema, hits, parameters.facet_by ?? ""),
    found: hits.length,
    hits: hits.slice(offset, offset + perPage).map(({ document, score }) => ({
      document: project(document),
      highlight: {},
      highlights: [],
      ...(q !== "*" && { text_match: score }),
    })),
    out_of: collection.documents.size,
    page,
    request_params: { collection_name: schema.name, first_q: q, per_page: perPage, q },
    search_cutoff: false,
    search_time_ms: Math.round(performance.now() - began),
  };
}

/** Leaves `include_fields` of a document, if any are told, without `exclude_fields`. */
export function projection({ include_fields, exclude_fields }: Parameters): (document: Document) => Json {
  const included = names(include_fields);
  const excluded = names(exclude_fields);
  if (included.length === 0 && excluded.length === 0) return (document) => document;
  const isShown = (name: string) => (included.length === 0 || included.includes(name)) && !excluded.includes(name);
  return (document) => Object.fromEntries(Object.entries(document).filter(([name]) => isShown(name)));
}

function searchedFields(schema: Schema, q: string, queryBy: string | undefined): string[] {
  const fields = names(queryBy);
  if (q === "*") return [];
  if (fields.length === 0) throw new Failure(400, "No search fields specified for the query.");
  for (const name of fields) {
    const field = findField(schema, name);
    if (field === undefined) throw new Failure(404, `Could not find a field named \`${name}\` in the schema.`);
    if (!/^(string|auto)/.test(elementType(field))) {
      throw new Failure(400, `Field \`${name}\` should be a string or a string array.`);
    }
  }
  return fields;
}

type Candidate = Omit<Hit, "score">;

function match(candidates: readonly Candidate[], fields: readonly string[], q: string, isPrefix: boolean): Hit[] {
  if (q === "*") return candidates.map((candidate) => ({ ...candidate, score: 0 }));
  const texts = candidates.map((candidate) => ({
    candidate,
    words: fields.map((name) => [valueAt(candidate.document, name)].flat().flatMap((value) => tokens(asText(value)))),
  }));
  const wanted = tokens(q);
  for (let left = wanted.length; left > 0; left--) {
    const hits = texts.flatMap(({ candidate, words }) => {
      const score = scoreOf(wanted.slice(0, left), words, isPrefix && left === wanted.length);
      return score === 0 ? [] : [{ ...candidate, score }];
    });
    if (hits.length > 0) return hits;
  }
  return [];
}

/** Zero if a word is missing; else more for whole words, and more for the fields that are named first. */
function scoreOf(wanted: readonly string[], words: readonly (readonly string[])[], isPrefix: boolean): number {
  let score = 0;
  for (const [index, token] of wanted.entries()) {
    const isLast = isPrefix && index === wanted.length - 1;
    const best = words.map((text, place) => {
      if (text.includes(token)) return 2 * (words.length - place);
      return isLast && text.some((word) => word.startsWith(token)) ? words.length - place : 0;
    });
    const found = Math.max(...best);
    if (found === 0) return 0;
    score += found;
  }
  return score;
}

function parseOrder(schema: Schema, sortBy: string): (a: Hit, b: Hit) => number {
  const byDefault = schema.default_sorting_field === "" ? [] : [`${schema.default_sorting_field}:desc`];
  const keys = sortBy === "" ? ["_text_match:desc", ...byDefault] : names(sortBy);
  const comparisons = keys.map((key) => {
    const [, name = "", direction = ""] = /^([\w.]+)(?::(asc|desc))$/i.exec(key) ?? [];
    if (name === "") throw new Failure(400, "Parameter `sort_by` is malformed.");
    const sign = direction.toLowerCase() === "desc" ? -1 : 1;
    if (name === "_text_match") return (a: Hit, b: Hit) => sign * (a.score - b.score);
    const field = findField(schema, name);
    if (field?.sort !== true) {
      throw new Failure(404, `Could not find a field named \`${name}\` in the schema for sorting.`);
    }
    return (a: Hit, b: Hit) => compare(valueAt(a.document, name), valueAt(b.document, name), sign);
  });
  return (a, b) => comparisons.map((each) => each(a, b)).find((result) => result !== 0) ?? b.age - a.age;
}

/** Documents without a value come last in either direction. */
function compare(a: unknown, b: unknown, sign: number): number {
  const isMissing = [a, b].map((value) => value === undefined || value === null);
  if (isMissing[0] || isMissing[1]) return Number(isMissing[0]) - Number(isMissing[1]);
  if (typeof a === "string" && typeof b === "string") return sign * (a < b ? -1 : Number(a > b));
  return sign * (Number(a) - Number(b));
}

function facets(schema: Schema, hits: readonly Hit[], facetBy: string): Json[] {
  return names(facetBy).map((name) => {
    if (findField(schema, name)?.facet !== true) {
      throw new Failure(404, `Could not find a facet field named \`${name}\` in the schema.`);
    }
    const counts = new Map<string, number>();
    for (const { document } of hits) {
      for (const value of new Set([valueAt(document, name)].flat())) {
        if (value !== undefined && value !== null) counts.set(asText(value), (counts.get(asText(value)) ?? 0) + 1);
      }
    }
    const sorted = [...counts].sort(([, a], [, b]) => b - a).slice(0, 10);
    return {
      counts: sorted.map(([value, times]) => ({ count: times, highlighted: value, value })),
      field_name: name,
      sampled: false,
      stats: { total_values: counts.size },
    };
  });
}

function count(parameters: Parameters, name: string, byDefault: number): number {
  const text = parameters[name];
  if (text === undefined || text === "") return byDefault;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Failure(400, `Parameter \`${name}\` must be an unsigned integer.`);
}

function names(text = ""): string[] {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
