import { execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import type { Connection } from "../../components/contract/connection.ts";

/** kubectl, and the cluster it connects to. */
export interface Kubectl {
  readonly program: string;
  /** Options that select the cluster. */
  readonly cluster: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** A local port that kubectl forwards to a Service. */
export interface PortForward {
  readonly port: number;
  /** Resolves when kubectl exits, with its standard error. */
  readonly ended: Promise<string>;
  stop(): void;
}

/** Forwards a free port of 127.0.0.1 to a Service. */
export async function forward(kubectl: Kubectl, { namespace, service, port }: Connection): Promise<PortForward> {
  const target = ["--namespace", namespace, `service/${service}`, `:${String(port)}`];
  const child = spawn(kubectl.program, [...kubectl.cluster, "port-forward", "--address=127.0.0.1", ...target], {
    env: kubectl.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", () => resolve(stderr.trim()));
  });
  const localPort = new Promise<number>((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const match = /^Forwarding from 127\.0\.0\.1:(\d+) /.exec(line)?.[1];
      if (match !== undefined) resolve(Number(match));
    });
  });
  const first = await Promise.race([localPort, ended]);
  if (typeof first === "string") throw new Error(`kubectl port-forward to ${namespace}/${service} failed: ${first}`);
  return { port: first, ended, stop: () => child.kill() };
}

/** A login, as the Secret of a connection holds it. */
export interface Login {
  /** Unset: the store has no users. */
  readonly username?: string;
  readonly password: string;
}

/** Reads a connection's login from its Secret. */
export async function loginOf(
  kubectl: Kubectl,
  { namespace, secret, keys }: NonNullable<Connection["credential"]>,
): Promise<Login> {
  const get = [...kubectl.cluster, "get", "secret", secret, "--namespace", namespace, "--output=json"];
  const { stdout } = await promisify(execFile)(kubectl.program, get, { env: kubectl.env });
  const { data = {} } = JSON.parse(stdout) as { data?: Record<string, string> };
  const valueOf = (key: string) => {
    const encoded = data[key];
    if (encoded === undefined) throw new Error(`Secret ${namespace}/${secret} has no key ${key}`);
    return Buffer.from(encoded, "base64").toString();
  };
  return {
    ...(keys.username !== undefined && { username: valueOf(keys.username) }),
    password: valueOf(keys.password),
  };
}
