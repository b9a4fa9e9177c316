import { type Call, type Context, ok, type Request, type Response } from "./call.ts";
import * as collections from "./collections.ts";
import { Failure } from "./failure.ts";
import { allows, equal, parseKey, withoutValue } from "./keys.ts";
import { asObject, type Json } from "./schema.ts";
import { type Parameters, search } from "./search.ts";
import type { State } from "./state.ts";

type Handler = (call: Call) => Response | Promise<Response>;

// Method and path, the action that a key must allow, and what answers. An asterisk is any one part of a path.
const ROUTES: readonly (readonly [string, string, Handler])[] = [
  ["GET /debug", "debug:list", () => ok({ state: 1, version: "27.1" })],
  ["GET /metrics.json", "metrics.json:list", async ({ metrics }) => ok(await metrics())],
  ["GET /stats.json", "stats.json:list", () => ok({ pending_write_batches: 0 })],
  ["POST /operations/snapshot", "operations:snapshot", takeSnapshot],
  ["POST /multi_search", "documents:search", multiSearch],
  ["GET /collections", "collections:list", collections.list],
  ["POST /collections", "collections:create", collections.create],
  ["GET /collections/*", "collections:get", collections.get],
  ["PATCH /collections/*", "collections:update", collections.alter],
  ["DELETE /collections/*", "collections:delete", collections.drop],
  ["GET /collections/*/documents/search", "documents:search", collections.find],
  ["POST /collections/*/documents/import", "documents:import", collections.importLines],
  ["GET /collections/*/documents/export", "documents:export", collections.exportLines],
  ["POST /collections/*/documents", "documents:create", collections.add],
  ["PATCH /collections/*/documents", "documents:update", collections.updateMatching],
  ["DELETE /collections/*/documents", "documents:delete", collections.removeMatching],
  ["GET /collections/*/documents/*", "documents:get", collections.getDocument],
  ["PATCH /collections/*/documents/*", "documents:update", collections.updateDocument],
  ["DELETE /collections/*/documents/*", "documents:delete", collections.removeDocument],
  ["GET /aliases", "aliases:list", ({ state }) => ok({ aliases: [...state.aliases].map(aliasOf) })],
  ["GET /aliases/*", "aliases:get", ({ state, at }) => ok(aliasOf([at(0), knownAlias(state, at(0))]))],
  ["PUT /aliases/*", "aliases:create", putAlias],
  ["DELETE /aliases/*", "aliases:delete", deleteAlias],
  ["GET /keys", "keys:list", ({ state }) => ok({ keys: [...state.keys.values()].map(withoutValue) })],
  ["POST /keys", "keys:create", createKey],
  ["GET /keys/*", "keys:get", ({ state, at }) => ok(withoutValue(knownKey(state, at(0))))],
  ["DELETE /keys/*", "keys:delete", deleteKey],
];

/** Answers a request as Typesense would. */
export async function answer(request: Request, context: Context): Promise<Response> {
  try {
    return await route(request, context);
  } catch (error) {
    if (error instanceof Failure) return { status: error.status, body: { message: error.message } };
    throw error;
  }
}

function route(request: Request, context: Context): Response | Promise<Response> {
  if (request.method === "GET" && request.path === "/health") return ok({ ok: true });
  const parts = request.path.split("/");
  for (const [place, action, handler] of ROUTES) {
    const [method, pattern = ""] = place.split(" ");
    const wanted = pattern.split("/");
    const fits = wanted.length === parts.length && wanted.every((part, index) => part === "*" || part === parts[index]);
    if (method !== request.method || !fits) continue;
    const variable = parts.filter((_, index) => wanted[index] === "*").map(decoded);
    authorize(request, context, action, pattern.startsWith("/collections/") ? (variable[0] ?? "") : "");
    const at = (index: number) => variable[index] ?? "";
    return handler({ ...request, ...context, at, json: () => parseObject(request.body) });
  }
  throw new Failure(404, "Not Found");
}

function authorize({ apiKey }: Request, { state, apiKey: master }: Context, action: string, collection: string): void {
  if (equal(apiKey, master)) return;
  const key = [...state.keys.values()].find(({ value }) => equal(apiKey, value));
  if (key !== undefined && allows(key, action, collection)) return;
  throw new Failure(401, "Forbidden - a valid `x-typesense-api-key` header must be sent.");
}

function parseObject(text: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Failure(400, "Bad JSON.");
  }
  return asObject(value, "Bad JSON.");
}

async function takeSnapshot({ parameters, snapshot }: Call): Promise<Response> {
  await snapshot(parameters.snapshot_path ?? "");
  return { status: 201, body: { success: true } };
}

function multiSearch({ json, parameters, state }: Call): Response {
  const { searches } = json();
  if (!Array.isArray(searches)) throw new Failure(400, "Missing `searches` array.");
  const results = searches.map((each) => {
    const own = Object.entries(asObject(each, "Missing `searches` array.")).map(([name, value]) => [
      name,
      String(value),
    ]);
    const all: Parameters = { ...parameters, ...(Object.fromEntries(own) as Parameters) };
    try {
      return search(collections.known(state, all.collection ?? ""), all);
    } catch (error) {
      if (error instanceof Failure) return { code: error.status, error: error.message };
      throw error;
    }
  });
  return ok({ results });
}

function aliasOf([name, collection_name]: readonly [string, string]): Json {
  return { name, collection_name };
}

function knownAlias(state: State, name: string): string {
  const collection = state.aliases.get(name);
  if (collection === undefined) throw new Failure(404, "Collection not found");
  return collection;
}

async function putAlias({ at, json, commit }: Call): Promise<Response> {
  const { collection_name: collection } = json();
  if (typeof collection !== "string") throw new Failure(400, "Parameter `collection_name` is required.");
  await commit([{ change: "alias", name: at(0), collection }]);
  return ok(aliasOf([at(0), collection]));
}

async function deleteAlias({ at, state, commit }: Call): Promise<Response> {
  const collection = knownAlias(state, at(0));
  await commit([{ change: "alias", name: at(0), collection: null }]);
  return ok(aliasOf([at(0), collection]));
}

function knownKey(state: State, id: string) {
  const key = state.keys.get(Number(id));
  if (key === undefined) throw new Failure(404, "Not found.");
  return key;
}

async function createKey({ json, state, commit }: Call): Promise<Response> {
  const key = parseKey(json(), Math.max(-1, ...state.keys.keys()) + 1);
  if ([...state.keys.values()].some(({ value }) => value === key.value)) {
    throw new Failure(409, "API key generation conflict.");
  }
  await commit([{ change: "key", key }]);
  return { status: 201, body: key };
}

async function deleteKey({ at, state, commit }: Call): Promise<Response> {
  const { id } = knownKey(state, at(0));
  await commit([{ change: "forget-key", id }]);
  return ok({ id });
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
