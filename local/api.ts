import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import type { IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { parse } from "yaml";

/** An answer of the API server that is not a success. */
export class ApiError extends Error {
  readonly status: number;

  constructor(method: string, path: string, status: number, body: string) {
    super(`${method} ${path}: ${status} ${messageOf(body)}`);
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
 * The few calls of the Kubernetes API that running the cluster itself takes, without the size of a full client. Paths
 * are those of the API, e.g. `/api/v1/nodes`.
 */
export class Api {
  readonly #server: string;
  readonly #agent: Agent;

  /** Logs in with a kubeconfig that has one cluster and one user, with certificates inside. */
  constructor(kubeconfigFile: string) {
    const { clusters, users } = parse(readFileSync(kubeconfigFile, "utf8")) as Kubeconfig;
    const decoded = (text: string | undefined) => Buffer.from(text ?? "", "base64");
    this.#server = clusters[0].cluster["server"] ?? "";
    this.#agent = new Agent({
      keepAlive: true,
      ca: decoded(clusters[0].cluster["certificate-authority-data"]),
      cert: decoded(users[0].user["client-certificate-data"]),
      key: decoded(users[0].user["client-key-data"]),
    });
  }

  async get<T>(path: string): Promise<T> {
    return JSON.parse(await this.#call("GET", path)) as T;
  }

  async patch(path: string, type: PatchType, body: object): Promise<void> {
    await this.#call("PATCH", path, type, JSON.stringify(body));
  }

  /** Yields the changes after `resourceVersion` until the server ends the watch or `signal` aborts it. */
  async *watch<T>(path: string, resourceVersion: string, signal: AbortSignal): AsyncGenerator<WatchEvent<T>> {
    const url = `${path}?watch=true&allowWatchBookmarks=true&resourceVersion=${resourceVersion}`;
    const response = await this.#open("GET", url, { signal });
    if (response.statusCode !== 200) throw new ApiError("GET", url, response.statusCode ?? 0, await textOf(response));
    for await (const line of createInterface({ input: response })) yield JSON.parse(line) as WatchEvent<T>;
  }

  close(): void {
    this.#agent.destroy();
  }

  async #call(method: string, path: string, contentType?: string, body?: string): Promise<string> {
    const response = await this.#open(method, path, { contentType, body, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await textOf(response);
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
      const asked = request(this.#server + path, { method, agent: this.#agent, headers, signal }, resolve);
      asked.once("error", reject);
      asked.end(body);
    });
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function messageOf(body: string): string {
  try {
    return (JSON.parse(body) as { message?: string }).message ?? body;
  } catch {
    return body;
  }
}
