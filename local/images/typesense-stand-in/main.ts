import { statfs } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import path from "node:path";
import { answer } from "./api.ts";
import type { Context, Request, Response } from "./call.ts";
import { copyTo, Journal } from "./journal.ts";
import { type Options, readOptions } from "./options.ts";

const warn = (text: string): void => console.error(`W ${text}`);
const told = (text: string): void => console.error(`I ${text}`);

function die(error: unknown): never {
  console.error("E Typesense stand-in failed:", error instanceof Error ? error.message : error);
  if (error instanceof Error && error.cause !== undefined) console.error(error.cause);
  process.exit(1);
}

interface Opened {
  readonly context: Context;
  readonly journal: Journal;
}

async function open(options: Options): Promise<Opened> {
  const { journal, state } = await Journal.open(path.join(options.dataDirectory, "stand-in"));
  const context: Context = {
    state,
    apiKey: options.apiKey,
    commit: async (changes) => {
      for (const change of changes) state.apply(change);
      // Memory is ahead of the disk then, and nobody may be told of it.
      await journal.append(changes).catch(die);
    },
    snapshot: (directory) =>
      directory === "" ? journal.snapshot(state) : copyTo(path.join(directory, "stand-in"), state),
    metrics: async () => {
      const { blocks, bavail, bsize } = await statfs(options.dataDirectory);
      return {
        system_disk_total_bytes: String(blocks * bsize),
        system_disk_used_bytes: String((blocks - bavail) * bsize),
        typesense_memory_active_bytes: String(process.memoryUsage.rss()),
      };
    },
  };
  setInterval(() => {
    if (journal.changesSinceSnapshot > 0) journal.snapshot(state).catch(die);
  }, options.snapshotIntervalSeconds * 1000).unref();
  return { context, journal };
}

async function read(message: IncomingMessage): Promise<Request> {
  const { pathname, searchParams } = new URL(message.url ?? "/", "http://server");
  const parameters = Object.fromEntries(searchParams);
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const header = message.headers["x-typesense-api-key"];
  return {
    method: message.method ?? "GET",
    path: pathname,
    parameters,
    body: Buffer.concat(chunks).toString(),
    apiKey: (typeof header === "string" ? header : undefined) ?? parameters["x-typesense-api-key"] ?? "",
  };
}

function send(reply: ServerResponse, { status, body }: Response): void {
  const isText = typeof body === "string";
  reply.writeHead(status, { "content-type": `${isText ? "text/plain" : "application/json"}; charset=utf-8` });
  reply.end(isText ? body : JSON.stringify(body));
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env, warn);
  told("This is a stand-in for Typesense 27.1 that speaks a part of its API. It is not Typesense.");
  // Requests are answered from the start, with "not ready" while the data is read.
  const node: { opened?: Opened } = {};

  const serve = async (message: IncomingMessage, reply: ServerResponse): Promise<void> => {
    if (options.enableCors && message.headers.origin !== undefined) {
      reply.setHeader("access-control-allow-origin", "*");
      if (message.method === "OPTIONS") {
        reply.setHeader("access-control-allow-methods", "POST, GET, DELETE, PUT, PATCH, OPTIONS");
        reply.setHeader("access-control-allow-headers", message.headers["access-control-request-headers"] ?? "*");
        return send(reply, { status: 200, body: "" });
      }
    }
    const request = await read(message);
    if (node.opened !== undefined) return send(reply, await answer(request, node.opened.context));
    const body = request.path === "/health" ? { ok: false } : { message: "Not Ready or Lagging" };
    return send(reply, { status: 503, body });
  };
  const server = createServer((message, reply) => {
    serve(message, reply).catch((error: unknown) => {
      // A client that went away is no failure of this server.
      if (message.errored !== null) return;
      console.error("E", message.method, message.url, error);
      if (!reply.headersSent) send(reply, { status: 500, body: { message: "Internal error of the stand-in." } });
    });
  });
  server.on("error", die);
  server.listen(options.port, options.address, () => told(`Listening on ${options.address}:${options.port}`));

  let isEnding = false;
  const end = (): void => {
    if (isEnding) return;
    isEnding = true;
    server.close(() => void (node.opened?.journal.close() ?? Promise.resolve()).then(() => process.exit(0), die));
    server.closeIdleConnections();
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, end);

  const opened = await open(options);
  node.opened = opened;
  told(`Ready with ${opened.context.state.collections.size} collections`);
}

main().catch(die);
