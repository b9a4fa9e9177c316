/** Requests to the API server: plain HTTPS, because the Kubernetes client takes over a second to load. */
import type * as Http from "node:http";
import * as https from "node:https";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiError, Cancelled, retryAfter, Unreachable } from "./api-error.ts";
import type { ClusterAccess } from "./kubeconfig.ts";
import { isFields, type Fields, type Value } from "./values.ts";

/** With `import`, which wants all that a module exports, comes a client that nobody uses, a quarter of this plugin's start. */
const http = createRequire(import.meta.url)("node:http") as typeof Http;

export interface Request {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: Value;
  /** Of the body. @default application/json */
  readonly contentType?: string;
  /** Ends the request early. */
  readonly signal?: AbortSignal;
  /** Longest silence in milliseconds. @default 60000 */
  readonly timeout?: number;
}

const connectTimeout = 10_000;
/** A server under load asks for a later try this often before its refusal is passed on. */
const busyTries = 6;

/** Connection problems that a second try on a new connection mends. */
const staleConnection = new Set(["ECONNRESET", "EPIPE"]);

/** A write that has been sent is not called back: nobody would know whether the server has done it. */
const isWrite = ({ method = "GET" }: Request): boolean => method !== "GET";

export class Api {
  readonly access: ClusterAccess;
  /** Aborted when the engine cancels all operations: reads end at once, a write that has been sent gets its answer. */
  readonly cancelled: AbortSignal;
  private readonly agent: Http.Agent;

  constructor(access: ClusterAccess, cancelled: AbortSignal) {
    this.access = access;
    this.cancelled = cancelled;
    const options = { keepAlive: true, maxSockets: Infinity };
    this.agent = access.server.startsWith("https:")
      ? new https.Agent({ ...options, ...access.tls })
      : new http.Agent(options);
  }

  /** @throws ApiError when the server refuses, Unreachable when it does not answer, Cancelled. */
  async request(path: string, request: Request = {}): Promise<Fields> {
    const answer = JSON.parse(await this.text(path, request)) as Value;
    return isFields(answer) ? answer : {};
  }

  /** The body of an answer as it is. Throws as `request` does. */
  async text(path: string, request: Request = {}): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      if (this.cancelled.aborted) throw this.cancellation();
      try {
        const chunks: Buffer[] = [];
        for await (const chunk of await this.open(path, request)) chunks.push(chunk as Buffer);
        return Buffer.concat(chunks).toString("utf8");
      } catch (error) {
        const wait = laterTry(error, request, attempt);
        if (wait === undefined) throw this.explain(error, request);
        await sleep(wait, undefined, { signal: this.cancelled }).catch(() => undefined);
      }
    }
  }

  /** The events of a watch, until the server ends it. Throws as `request` does. */
  async *watch(path: string, query: Request["query"], signal: AbortSignal): AsyncGenerator<Fields> {
    // The server sends bookmarks about every minute, so a longer silence means a dead connection.
    const request = { query: { ...query, watch: "true", allowWatchBookmarks: "true" }, signal, timeout: 330_000 };
    try {
      const body = await this.open(path, request);
      for await (const line of createInterface({ input: body, crlfDelay: Infinity })) {
        if (line === "") continue;
        const event = JSON.parse(line) as Value;
        if (isFields(event)) yield event;
      }
    } catch (error) {
      throw this.explain(error, request);
    }
  }

  private async open(path: string, request: Request): Promise<NodeJS.ReadableStream> {
    const url = new URL(this.access.server + path);
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
    const authorization = await this.access.authorization();
    const signals = [
      ...(isWrite(request) ? [] : [this.cancelled]),
      ...(request.signal === undefined ? [] : [request.signal]),
    ];
    const options: https.RequestOptions = {
      ...this.access.tls,
      agent: this.agent,
      method: request.method ?? "GET",
      signal: AbortSignal.any(signals),
      headers: {
        accept: "application/json",
        "accept-encoding": "gzip",
        "user-agent": "pulumi-resource-kubernetes",
        ...(authorization === undefined ? {} : { authorization }),
        ...(body === undefined
          ? {}
          : { "content-type": request.contentType ?? "application/json", "content-length": body.length }),
      },
    };
    const response = await exchange(url, options, body, request.timeout ?? 60_000);
    const stream = response.headers["content-encoding"] === "gzip" ? response.pipe(createGunzip()) : response;
    const code = response.statusCode ?? 0;
    if (code >= 200 && code < 300) return stream;

    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    throw new ApiError(code, statusFrom(Buffer.concat(chunks).toString("utf8"), response.headers["retry-after"]));
  }

  private cancellation(): Cancelled {
    return new Cancelled("the operation was cancelled");
  }

  private explain(error: unknown, request: Request): unknown {
    if (error instanceof ApiError) return error;
    if (this.cancelled.aborted && !isWrite(request)) return this.cancellation();
    if (request.signal?.aborted === true) return error;
    const { message, code } = error as NodeJS.ErrnoException;
    return new Unreachable(`${this.access.server}: ${message || code}`);
  }
}

function exchange(
  url: URL,
  options: https.RequestOptions,
  body: Buffer | undefined,
  timeout: number,
): Promise<Http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const module = url.protocol === "https:" ? https : http;
    const request = module.request(url, options, resolve);
    request.on("error", (error) => reject(Object.assign(error, { reusedSocket: request.reusedSocket })));
    const connecting = setTimeout(() => {
      request.destroy(new Error(`no connection within ${connectTimeout / 1000} s`));
    }, connectTimeout);
    request.on("socket", (socket) => {
      if (socket.connecting)
        socket.once(url.protocol === "https:" ? "secureConnect" : "connect", () => clearTimeout(connecting));
      else clearTimeout(connecting);
    });
    request.on("close", () => clearTimeout(connecting));
    request.setTimeout(timeout, () => request.destroy(new Error(`no answer within ${timeout / 1000} s`)));
    request.end(body);
  });
}

function statusFrom(body: string, retryAfterHeader: string | undefined): Fields {
  let status: Fields;
  try {
    const parsed = JSON.parse(body) as Value;
    status = isFields(parsed) ? parsed : { message: body };
  } catch {
    status = { message: body.trim() };
  }
  if (retryAfterHeader === undefined) return status;
  const details = isFields(status["details"]) ? status["details"] : {};
  return { ...status, details: { ...details, retryAfterSeconds: Number(retryAfterHeader) } };
}

/** Milliseconds until a request may be tried again, or undefined when the error is final. */
function laterTry(error: unknown, request: Request, attempt: number): number | undefined {
  if (error instanceof ApiError) {
    const wait = retryAfter(error.status);
    return (error.code === 429 || error.code >= 500) && wait !== undefined && attempt < busyTries
      ? wait * 1000
      : undefined;
  }
  const { code = "", reusedSocket = false } = error as NodeJS.ErrnoException & { reusedSocket?: boolean };
  // A kept connection that the server has closed meanwhile takes no request at all.
  const repeatable = reusedSocket || (request.method ?? "GET") === "GET" || request.method === "PATCH";
  return repeatable && staleConnection.has(code) && attempt < 3 ? 100 : undefined;
}
