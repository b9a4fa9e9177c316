import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** What the worker of Kafka Connect says of a connector, as its REST interface writes it. */
export const statusOf = (connector: string, ...tasks: readonly string[]): string =>
  JSON.stringify({
    name: "nx-debezium",
    connector: { state: connector, worker_id: "10.0.0.1:8083" },
    tasks: tasks.map((state, id) => ({ id, state, worker_id: "10.0.0.1:8083" })),
    type: "source",
  });

/** A request that the worker got, and what came with it. */
export interface Asked {
  readonly request: string;
  readonly body: string;
}

type Answer = readonly [status: number, body?: string];

/** A stand-in for the worker of Kafka Connect, that answers as it is told and remembers what it was asked. */
export class ConnectWorker {
  readonly asked: Asked[] = [];
  readonly #answers = new Map<string, Answer[]>();
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  /** Its answers to a request such as `PUT /connectors/nx-debezium/config`, one after the other; the last one for ever. */
  answer(request: string, ...answers: readonly Answer[]): void {
    this.#answers.set(request, [...answers]);
  }

  /** How often it was asked that. */
  times(request: string): number {
    return this.asked.filter((one) => one.request === request).length;
  }

  /** Begins to listen, and returns its URL. */
  async start(): Promise<string> {
    await once(this.#server.listen(0, "127.0.0.1"), "listening");
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    await once(this.#server.close(), "close");
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const line = `${request.method ?? ""} ${request.url ?? ""}`;
    this.asked.push({ request: line, body: await text(request) });
    const answers = this.#answers.get(line);
    const [status, body = ""] = (answers && answers.length > 1 ? answers.shift() : answers?.[0]) ?? [404];
    response.writeHead(status, { "Content-Type": "application/json" }).end(body);
  }
}
