import type { Json } from "./schema.ts";
import type { Parameters } from "./search.ts";
import type { Change, State } from "./state.ts";

/** A request, taken apart. */
export interface Request {
  readonly method: string;
  readonly path: string;
  /** Of the query string. */
  readonly parameters: Parameters;
  readonly body: string;
  /** Of the header `x-typesense-api-key`, or the parameter of that name. */
  readonly apiKey: string;
}

/** What is answered; a string is sent as it is, anything else as JSON. */
export interface Response {
  readonly status: number;
  readonly body: unknown;
}

/** What requests are answered from. */
export interface Context {
  readonly state: State;
  readonly apiKey: string;
  /** Applies changes, and is fulfilled when they are on the disk. */
  readonly commit: (changes: readonly Change[]) => Promise<void>;
  /** Writes a snapshot: into the directory, or in place of the log. */
  readonly snapshot: (directory: string) => Promise<void>;
  readonly metrics: () => Promise<Json>;
}

/** A request of a known route. `at(0)` is the first of the path's variable parts. */
export interface Call extends Request, Context {
  readonly at: (index: number) => string;
  /** The body as a JSON object. */
  readonly json: () => Json;
}

/** @returns an answer with status 200 */
export function ok(body: unknown): Response {
  return { status: 200, body };
}
