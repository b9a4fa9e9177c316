import { type Call, ok, type Response } from "./call.ts";
import { type Action, type DirtyValues, parseAction, parseDirtyValues, prepare } from "./documents.ts";
import { Failure } from "./failure.ts";
import { parseFilter } from "./filter.ts";
import { asObject, type Document, isObject, type Json, parseFields, parseSchema, type Schema } from "./schema.ts";
import { projection, search } from "./search.ts";
import { type Change, type Collection, type State, summary } from "./state.ts";

/** @throws Failure with 404 */
export function known(state: State, name: string): Collection {
  const collection = state.find(name);
  if (collection === undefined) throw new Failure(404, "Collection not found");
  return collection;
}

export function list({ state }: Call): Response {
  return ok([...state.collections.values()].sort((a, b) => b.createdAt - a.createdAt).map(summary));
}

export async function create({ json, state, commit }: Call): Promise<Response> {
  const schema = parseSchema(json());
  if (state.collections.has(schema.name)) {
    throw new Failure(409, `A collection with name \`${schema.name}\` already exists.`);
  }
  await commit([{ change: "collection", schema, createdAt: Math.floor(Date.now() / 1000), sequence: 0 }]);
  return { status: 201, body: summary(known(state, schema.name)) };
}

export function get({ at, state }: Call): Response {
  return ok(summary(known(state, at(0))));
}

export async function drop({ at, state, commit }: Call): Promise<Response> {
  const collection = state.find(at(0));
  if (collection === undefined) throw new Failure(404, `No collection with name \`${at(0)}\` found.`);
  const told = summary(collection);
  await commit([{ change: "drop", collection: collection.schema.name }]);
  return ok(told);
}

/** Adds fields, and drops those that say `drop: true`. Stored documents must fit what is added. */
export async function alter({ at, json, state, commit }: Call): Promise<Response> {
  const { schema, documents } = known(state, at(0));
  const change = json();
  const unknown = Object.keys(change).find((name) => name !== "fields" && name !== "metadata");
  if (unknown !== undefined) throw new Failure(400, "Only `fields` and `metadata` can be updated at the moment.");
  let fields = [...schema.fields];
  for (const field of (change.fields ?? []) as unknown[]) {
    if (isObject(field) && field.drop === true) {
      const name = String(field.name);
      if (!fields.some((each) => each.name === name)) {
        throw new Failure(400, `Field \`${name}\` is not part of collection schema.`);
      }
      fields = fields.filter((each) => each.name !== name);
      continue;
    }
    const [added] = parseFields([field]);
    if (added === undefined) continue;
    if (fields.some((each) => each.name === added.name)) {
      const hint = "To change this field, drop it first before adding it back to the schema.";
      throw new Failure(400, `Field \`${added.name}\` is already part of the schema: ${hint}`);
    }
    fields.push(added);
  }
  const altered: Schema = {
    ...schema,
    fields,
    ...(change.metadata !== undefined && {
      metadata: asObject(change.metadata, "The `metadata` value should be an object."),
    }),
  };
  const refitted = [...documents.values()].map((each) => prepare(altered, each, each, "upsert", "coerce_or_reject"));
  await commit([
    { change: "schema", schema: altered },
    { change: "put", collection: schema.name, documents: refitted },
  ]);
  return ok(change);
}

export function find({ at, state, parameters }: Call): Response {
  return ok(search(known(state, at(0)), parameters));
}

export async function add({ at, json, state, parameters, commit }: Call): Promise<Response> {
  const collection = known(state, at(0));
  const action = parseAction(parameters.action);
  const document = documentOf(collection, json(), action, parseDirtyValues(parameters.dirty_values));
  await commit([put(collection, document)]);
  return { status: 201, body: document };
}

/** A document a line, and a line for each that says what became of it. */
export async function importLines({ at, body, state, parameters, commit }: Call): Promise<Response> {
  const collection = known(state, at(0));
  const action = parseAction(parameters.action);
  const dirty = parseDirtyValues(parameters.dirty_values);
  const lines = body.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0) throw new Failure(400, "The request body was empty. So, no record was imported.");
  const good = new Map<string, Document>();
  let isNew = 0;
  const results = lines.map((line) => {
    try {
      const given = parseLine(line);
      const document = documentOf(collection, given, action, dirty, good, isNew);
      if (!good.has(document.id) && !collection.documents.has(document.id)) isNew++;
      good.set(document.id, document);
      return {
        ...(parameters.return_doc === "true" && { document }),
        ...(parameters.return_id === "true" && { id: document.id }),
        success: true,
      };
    } catch (error) {
      if (error instanceof Failure) return { code: error.status, document: line, error: error.message, success: false };
      throw error;
    }
  });
  if (good.size > 0)
    await commit([{ change: "put", collection: collection.schema.name, documents: [...good.values()] }]);
  return ok(results.map((result) => JSON.stringify(result)).join("\n"));
}

export function exportLines({ at, state, parameters }: Call): Response {
  const { schema, documents } = known(state, at(0));
  const chosen = [...documents.values()].filter(parseFilter(schema, parameters.filter_by ?? ""));
  return ok(
    chosen
      .map(projection(parameters))
      .map((document) => JSON.stringify(document))
      .join("\n"),
  );
}

export function getDocument({ at, state, parameters }: Call): Response {
  return ok(projection(parameters)(stored(known(state, at(0)), at(1))));
}

export async function updateDocument({ at, json, state, parameters, commit }: Call): Promise<Response> {
  const collection = known(state, at(0));
  const given = json();
  const changed = documentOf(collection, { ...given, id: at(1) }, "update", parseDirtyValues(parameters.dirty_values));
  await commit([put(collection, changed)]);
  return ok(given);
}

export async function removeDocument({ at, state, parameters, commit }: Call): Promise<Response> {
  const collection = known(state, at(0));
  if (parameters.ignore_not_found === "true" && !collection.documents.has(at(1))) return ok({ id: at(1) });
  const document = stored(collection, at(1));
  await commit([{ change: "remove", collection: collection.schema.name, ids: [document.id] }]);
  return ok(document);
}

export async function updateMatching({ at, json, state, parameters, commit }: Call): Promise<Response> {
  const given = json();
  const collection = known(state, at(0));
  const dirty = parseDirtyValues(parameters.dirty_values);
  const changed = matching(collection, parameters.filter_by).map((document) =>
    documentOf(collection, { ...given, id: document.id }, "update", dirty),
  );
  await commit([{ change: "put", collection: collection.schema.name, documents: changed }]);
  return ok({ num_updated: changed.length });
}

export async function removeMatching({ at, state, parameters, commit }: Call): Promise<Response> {
  const collection = known(state, at(0));
  const isAll = parameters.truncate === "true" && parameters.filter_by === undefined;
  const ids = matching(collection, isAll ? "" : parameters.filter_by).map(({ id }) => id);
  await commit([{ change: "remove", collection: collection.schema.name, ids }]);
  return ok({ num_deleted: ids.length });
}

function matching({ schema, documents }: Collection, filter: string | undefined): Document[] {
  if (filter === undefined) throw new Failure(400, "Parameter `filter_by` must be provided.");
  return [...documents.values()].filter(parseFilter(schema, filter));
}

function stored({ documents }: Collection, id: string): Document {
  const document = documents.get(id);
  if (document === undefined) throw new Failure(404, `Could not find a document with id: ${id}`);
  return document;
}

function put({ schema }: Collection, document: Document): Change {
  return { change: "put", collection: schema.name, documents: [document] };
}

/**
 * What is to be stored.
 * @param ahead documents that will be stored before this one, `isNew` of which were not there
 */
function documentOf(
  { schema, documents, sequence }: Collection,
  given: Json,
  action: Action,
  dirty: DirtyValues,
  ahead: ReadonlyMap<string, Document> = new Map(),
  isNew = 0,
): Document {
  const at = (id: string) => ahead.get(id) ?? documents.get(id);
  let { id } = given;
  if (id === undefined) {
    if (action === "update") throw new Failure(400, "For update, the `id` key must be provided.");
    let next = sequence + isNew;
    while (at(String(next)) !== undefined) next++;
    id = String(next);
  }
  if (typeof id !== "string") throw new Failure(400, "Document's `id` field should be a string.");
  if (id === "") throw new Failure(400, "The `id` should not be empty.");
  return prepare(schema, { ...given, id }, at(id), action, dirty);
}

function parseLine(line: string): Json {
  try {
    return asObject(JSON.parse(line), "Bad JSON: not a properly formed document.");
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(400, "Bad JSON: not a properly formed document.");
  }
}
