import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import type { IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { parse } from "yaml";

/** A response of the API server outside 200-299. */
export class ApiError extends Error {
  readonly status: number;

  constructor(method: string, path: string, status: number, body: string) {
    super(`${method} ${path}: ${status} ${errorMessage(body)}`);
    this.status = status;
  }
}

export interface WatchEvent<T> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: T;
}

export interface List<T> {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly T[];
}

interface Kubeconfig {
  readonly clusters: readonly [{ readonly cluster: Readonly<Record<string, string>> }];
  readonly users: readonly [{ readonly user: Readonly<Record<string, string>> }];
}

type PatchType = "application/merge-patch+json" | "application/apply-patch+yaml";

const TIMEOUT_MS = 10_000;

/**
 * A minimal Kubernetes API client for running the cluster itself; a full client library is too large for that. Paths
 * are API paths, e.g. `/api/v1/nodes`.
 */
export class Api {
  readonly #server: string;
  readonly #agent: Agent;

  /** Authenticates with a kubeconfig that has one cluster and one user, with embedded certificates. */
  constructor(kubeconfigFile: string) {
    const { clusters, users } = parse(readFileSync(kubeconfigFile, "utf8")) as Kubeconfig;
    const decode = (text: string | undefined) => Buffer.from(text ?? "", "base64");
    this.#server = clusters[0].cluster["server"] ?? "";
    this.#agent = new Agent({
      keepAlive: true,
      ca: decode(clusters[0].cluster["certificate-authority-data"]),
      cert: decode(users[0].user["client-certificate-data"]),
      key: decode(users[0].user["client-key-data"]),
    });
  }

  async get<T>(path: string): Promise<T> {
    return JSON.parse(await this.#call("GET", path)) as T;
  }

  async patch(path: string, type: PatchType, body: object): Promise<void> {
    await this.#call("PATCH", path, type, JSON.stringify(body));
  }

  /** Yields changes after `resourceVersion` until the server closes the watch or `signal` aborts it. */
  async *watch<T>(path: string, resourceVersion: string, signal: AbortSignal): AsyncGenerator<WatchEvent<T>> {
    const url = `${path}?watch=true&allowWatchBookmarks=true&resourceVersion=${resourceVersion}`;
    const response = await this.#open("GET", url, { signal });
    if (response.statusCode !== 200) throw new ApiError("GET", url, response.statusCode ?? 0, await readBody(response));
    for await (const line of createInterface({ input: response })) yield JSON.parse(line) as WatchEvent<T>;
  }

  close(): void {
    this.#agent.destroy();
  }

  async #call(method: string, path: string, contentType?: string, body?: string): Promise<string> {
    const response = await this.#open(method, path, { contentType, body, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await readBody(response);
    const status = response.statusCode ?? 0;
    if (status < 200 || status > 299) throw new ApiError(method, path, status, text);
    return text;
  }

  #open(
    method: string,
    path: string,
    { contentType, body, signal }: { contentType?: string; body?: string; signal: AbortSignal },
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const headers = contentType === undefined ? {} : { "content-type": contentType };
      const outgoing = request(this.#server + path, { method, agent: this.#agent, headers, signal }, resolve);
      outgoing.once("error", reject);
      outgoing.end(body);
    });
  }
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function errorMessage(body: string): string {
  try {
    return (JSON.parse(body) as { message?: string }).message ?? body;
  } catch {
    return body;
  }
}
