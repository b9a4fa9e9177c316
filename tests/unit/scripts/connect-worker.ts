import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** The state of a connector or a task; a failed one has the stack trace of its exception. */
export type State = string | { readonly state: string; readonly trace: string };

/** The address of the worker at which the connector and its tasks run. */
export const address = "10.0.0.1";

/** The fields of a state in the order of a real worker. */
function fieldsOf(given: State): object {
  const { state, trace } = typeof given === "string" ? { state: given, trace: undefined } : given;
  return { state, worker_id: `${address}:8083`, trace };
}

/** The status of a connector, as the REST interface of a Kafka Connect worker returns it. */
export const statusOf = (connector: State, ...tasks: readonly State[]): string =>
  JSON.stringify({
    name: "nx-debezium",
    connector: fieldsOf(connector),
    tasks: tasks.map((task, id) => ({ id, ...fieldsOf(task) })),
    type: "source",
  });

/** A request that the worker received. */
export interface RecordedRequest {
  readonly request: string;
  readonly body: string;
}

type Answer = readonly [status: number, body?: string];

/** A fake Kafka Connect worker: returns configured answers and records requests. */
export class ConnectWorker {
  readonly requests: RecordedRequest[] = [];
  readonly #answers = new Map<string, Answer[]>();
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  /** Sets the answers to a request such as `PUT /connectors/nx-debezium/config`, in order; the last one repeats. */
  answer(request: string, ...answers: readonly Answer[]): void {
    this.#answers.set(request, [...answers]);
  }

  /** How often it received the request. */
  times(request: string): number {
    return this.requests.filter((one) => one.request === request).length;
  }

  /** Starts to listen, and returns its URL. */
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
    this.requests.push({ request: line, body: await text(request) });
    const answers = this.#answers.get(line);
    const [status, body = ""] = (answers && answers.length > 1 ? answers.shift() : answers?.[0]) ?? [404];
    response.writeHead(status, { "Content-Type": "application/json" }).end(body);
  }
}
