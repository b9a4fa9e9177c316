import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { parse } from "yaml";

export interface ApiResponse {
  readonly status: number;
  readonly body: { readonly message?: string; readonly [key: string]: unknown };
  /** The texts of the `Warning` headers. */
  readonly warnings: readonly string[];
}

interface Kubeconfig {
  readonly "current-context": string;
  readonly contexts: readonly {
    readonly name: string;
    readonly context: { readonly cluster: string; readonly user: string };
  }[];
  readonly clusters: readonly { readonly name: string; readonly cluster: Readonly<Record<string, string>> }[];
  readonly users: readonly { readonly name: string; readonly user: Readonly<Record<string, string>> }[];
}

interface Connection {
  readonly url: URL;
  readonly agent: Agent;
}

/** Client of a kubeconfig's current context, with a client certificate. Reads the file at the first request. */
export class ApiServer {
  private readonly kubeconfig: string;
  private connection: Connection | undefined;

  constructor(kubeconfig: string) {
    this.kubeconfig = kubeconfig;
  }

  close(): void {
    this.connection?.agent.destroy();
  }

  get(path: string): Promise<ApiResponse> {
    return this.send("GET", path);
  }

  create(path: string, object: unknown): Promise<ApiResponse> {
    return this.send("POST", path, object);
  }

  delete(path: string): Promise<ApiResponse> {
    return this.send("DELETE", path);
  }

  private send(method: string, path: string, object?: unknown): Promise<ApiResponse> {
    const { url, agent } = (this.connection ??= connectionOf(this.kubeconfig));
    return new Promise((resolve, reject) => {
      const headers = { "content-type": "application/json", accept: "application/json" };
      const sent = request(new URL(path, url), { method, agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const warnings = [response.headersDistinct.warning ?? []].flat().map(warningText);
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, body: parseBody(text), warnings });
        });
      });
      sent.on("error", reject);
      sent.end(object === undefined ? undefined : JSON.stringify(object));
    });
  }
}

function connectionOf(kubeconfig: string): Connection {
  const config = parse(readFileSync(kubeconfig, "utf8")) as Kubeconfig;
  const context = config.contexts.find(({ name }) => name === config["current-context"])?.context;
  const cluster = config.clusters.find(({ name }) => name === context?.cluster)?.cluster;
  const user = config.users.find(({ name }) => name === context?.user)?.user;
  if (cluster?.server === undefined || user === undefined)
    throw new Error(`${kubeconfig} has no usable current context`);
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 8,
    ca: contents(cluster, "certificate-authority"),
    cert: contents(user, "client-certificate"),
    key: contents(user, "client-key"),
  });
  return { url: new URL(cluster.server), agent };
}

function parseBody(text: string): ApiResponse["body"] {
  try {
    return JSON.parse(text) as ApiResponse["body"];
  } catch {
    return { message: text };
  }
}

/** The text of `299 - "text"`, in which quotes and backslashes are escaped. */
function warningText(header: string): string {
  const quoted = /^299 \S+ "(.*)"$/s.exec(header)?.[1] ?? header;
  return quoted.replace(/\\(.)/gs, "$1");
}

function contents(entry: Readonly<Record<string, string>>, field: string): Buffer {
  const inline = entry[`${field}-data`];
  const file = entry[field];
  if (inline !== undefined) return Buffer.from(inline, "base64");
  if (file !== undefined) return readFileSync(file);
  throw new Error(`the kubeconfig has neither ${field} nor ${field}-data`);
}
