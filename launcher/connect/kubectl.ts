import { execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import type { Door } from "./stores.ts";

/** kubectl, and the cluster that it is to work on. */
export interface Kubectl {
  readonly program: string;
  /** Options that name the cluster. */
  readonly cluster: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** A port of this machine that leads to a Service. */
export interface Forwarded {
  readonly port: number;
  /** Resolves when it leads there no more, with what kubectl said. */
  readonly ended: Promise<string>;
  stop(): void;
}

/** Makes a Service reachable at a free port of 127.0.0.1. */
export async function forward(kubectl: Kubectl, { namespace, service, port }: Door): Promise<Forwarded> {
  const target = ["--namespace", namespace, `service/${service}`, `:${String(port)}`];
  const child = spawn(kubectl.program, [...kubectl.cluster, "port-forward", "--address=127.0.0.1", ...target], {
    env: kubectl.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", () => resolve(said.trim()));
  });
  const local = new Promise<number>((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const found = /^Forwarding from 127\.0\.0\.1:(\d+) /.exec(line)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
  });
  const first = await Promise.race([local, ended]);
  if (typeof first === "string") throw new Error(`kubectl port-forward to ${namespace}/${service} failed: ${first}`);
  return { port: first, ended, stop: () => child.kill() };
}

/** The password of a store, as its Secret holds it. */
export async function passwordOf(kubectl: Kubectl, { secret, key }: Door): Promise<string> {
  const [namespace = "", name = ""] = secret.split("/");
  const get = [...kubectl.cluster, "get", "secret", name, "--namespace", namespace, "--output=json"];
  const { stdout } = await promisify(execFile)(kubectl.program, get, { env: kubectl.env });
  const encoded = (JSON.parse(stdout) as { data?: Record<string, string> }).data?.[key];
  if (encoded === undefined) throw new Error(`Secret ${secret} has no key ${key}`);
  return Buffer.from(encoded, "base64").toString();
}
