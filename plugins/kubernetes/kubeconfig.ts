/** Where the cluster is and how to authenticate to it, from a kubeconfig. */
import { createRequire } from "node:module";
import type * as Yaml from "yaml";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { at, fields, isFields, list, text, type Fields, type Value } from "./values.ts";

const { parse } = createRequire(import.meta.url)("yaml") as typeof Yaml;

/** What a request to the API server needs. */
export interface ClusterAccess {
  readonly server: string;
  /** The namespace of objects that name none. */
  readonly namespace: string;
  readonly tls: TlsOptions;
  /** The Authorization header of the next request, if there is one. */
  readonly authorization: () => Promise<string | undefined>;
}

export interface TlsOptions {
  ca?: string | Buffer;
  cert?: string | Buffer;
  key?: string | Buffer;
  servername?: string;
  rejectUnauthorized?: boolean;
}

export interface KubeconfigChoice {
  /** A path or the contents; the usual files ($KUBECONFIG, ~/.kube/config) when absent or "". */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly cluster?: string | undefined;
  readonly namespace?: string | undefined;
}

/** A kubeconfig with the paths in it made absolute. */
type Kubeconfig = Fields;

const pathFields = ["certificate-authority", "client-certificate", "client-key", "tokenFile"];

/** @throws Error when the text is not YAML, or not a kubeconfig. */
function parseKubeconfig(contents: string, folder: string): Kubeconfig {
  const config = parse(contents) as Value;
  if (!isFields(config)) throw new Error("it is neither the path nor the contents of a kubeconfig");
  for (const entry of [...list(config, "clusters"), ...list(config, "users")]) {
    const settings = entry["cluster"] ?? entry["user"];
    if (!isFields(settings)) continue;
    for (const name of pathFields) {
      const path = settings[name];
      if (typeof path === "string" && path !== "") settings[name] = resolve(folder, path);
    }
  }
  return config;
}

const expandHome = (path: string): string =>
  path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path;

/** The first file that defines a name wins, as in kubectl. */
function merge(configs: readonly Kubeconfig[]): Kubeconfig {
  const merged: Kubeconfig = { clusters: [], users: [], contexts: [], "current-context": "" };
  for (const kind of ["clusters", "users", "contexts"]) {
    const seen = new Map<string, Fields>();
    for (const entry of configs.flatMap((config) => list(config, kind))) {
      const name = text(entry, "name");
      if (!seen.has(name)) seen.set(name, entry);
    }
    merged[kind] = [...seen.values()];
  }
  merged["current-context"] = configs.map((config) => text(config, "current-context")).find(Boolean) ?? "";
  return merged;
}

/** Reads a kubeconfig given as path or contents, or the usual files. @throws Error naming what is wrong with it. */
export function readKubeconfig(pathOrContents: string | undefined): Kubeconfig | undefined {
  if (pathOrContents !== undefined && pathOrContents !== "") {
    const path = expandHome(pathOrContents);
    const paths = path.includes("\n") ? [] : path.split(delimiter).filter((part) => existsSync(part));
    if (paths.length === 0) {
      if (/^[^\n{]*$/.test(path) && /[/\\]/.test(path)) throw new Error(`there is no file ${path}`);
      return parseKubeconfig(pathOrContents, process.cwd());
    }
    return merge(paths.map((part) => parseKubeconfig(readFileSync(part, "utf8"), dirname(resolve(part)))));
  }
  const usual = process.env["KUBECONFIG"]?.split(delimiter).filter(Boolean) ?? [join(homedir(), ".kube", "config")];
  const present = usual.filter((path) => existsSync(path));
  if (present.length === 0) return undefined;
  return merge(present.map((path) => parseKubeconfig(readFileSync(path, "utf8"), dirname(resolve(path)))));
}

const named = (config: Kubeconfig, kind: string, name: string): Fields | undefined =>
  list(config, kind).find((entry) => text(entry, "name") === name);

/** The cluster entry that the chosen context points at; undefined when there is none. */
export function activeCluster(config: Kubeconfig, choice: KubeconfigChoice): Fields | undefined {
  const context = named(config, "contexts", choice.context ?? text(config, "current-context"));
  if (context === undefined) return undefined;
  const entry = named(config, "clusters", choice.cluster ?? text(context, "context", "cluster"));
  return entry === undefined ? undefined : fields(entry, "cluster");
}

const dataOrFile = (settings: Fields, name: string): Buffer | undefined => {
  const data = text(settings, `${name}-data`);
  if (data !== "") return Buffer.from(data, "base64");
  const path = text(settings, name);
  return path === "" ? undefined : readFileSync(path);
};

const bearer = (path: string) => (): Promise<string> => Promise.resolve(`Bearer ${readFileSync(path, "utf8").trim()}`);

/**
 * The access that a kubeconfig, or the pod that this runs in, gives.
 * @throws Error that says what is missing or wrong in the kubeconfig.
 */
export async function clusterAccess(choice: KubeconfigChoice): Promise<ClusterAccess> {
  const config = readKubeconfig(choice.kubeconfig);
  if (config === undefined) return accessFromPod(choice);

  const contextName = choice.context || text(config, "current-context");
  const context = named(config, "contexts", contextName);
  if (context === undefined) {
    const known = list(config, "contexts").map((entry) => text(entry, "name"));
    throw new Error(
      contextName === ""
        ? "the kubeconfig has no current-context; set the provider's `context`"
        : `there is no context "${contextName}" in the kubeconfig (it has: ${known.join(", ") || "none"})`,
    );
  }
  const clusterName = choice.cluster || text(context, "context", "cluster");
  const cluster = fields(named(config, "clusters", clusterName), "cluster");
  const server = text(cluster, "server");
  if (server === "") throw new Error(`cluster "${clusterName}" of context "${contextName}" has no server`);
  if (text(cluster, "proxy-url") !== "") {
    throw new Error(
      `cluster "${clusterName}" sets proxy-url, which this provider cannot use; remove it or install the official plugin`,
    );
  }
  const user = fields(named(config, "users", text(context, "context", "user")), "user");
  const tls: TlsOptions = {
    ...optional("ca", dataOrFile(cluster, "certificate-authority")),
    ...optional("cert", dataOrFile(user, "client-certificate")),
    ...optional("key", dataOrFile(user, "client-key")),
    ...optional("servername", text(cluster, "tls-server-name") || undefined),
    ...(cluster["insecure-skip-tls-verify"] === true ? { rejectUnauthorized: false } : {}),
  };
  return {
    server: server.replace(/\/+$/, ""),
    namespace: choice.namespace || text(context, "context", "namespace") || "default",
    tls,
    authorization: await authorizationOf(user, config, contextName, tls),
  };
}

const optional = <K extends string, V>(name: K, value: V | undefined): { [key in K]?: V } =>
  (value === undefined ? {} : { [name]: value }) as { [key in K]?: V };

async function authorizationOf(
  user: Fields,
  config: Kubeconfig,
  context: string,
  tls: TlsOptions,
): Promise<ClusterAccess["authorization"]> {
  if (isFields(user["exec"]) || isFields(user["auth-provider"])) return authorizationByClient(config, context, tls);
  if (text(user, "tokenFile") !== "") return bearer(text(user, "tokenFile"));
  let header: string | undefined;
  if (text(user, "token") !== "") header = `Bearer ${text(user, "token")}`;
  else if (at(user, "username") !== undefined) {
    header = `Basic ${Buffer.from(`${text(user, "username")}:${text(user, "password")}`).toString("base64")}`;
  }
  return () => Promise.resolve(header);
}

/** Credential plugins and cloud sign-ins: the Kubernetes client knows them, but takes a second to load. */
async function authorizationByClient(
  config: Kubeconfig,
  context: string,
  tls: TlsOptions,
): Promise<ClusterAccess["authorization"]> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const client = new KubeConfig();
  client.loadFromString(JSON.stringify(config));
  client.setCurrentContext(context);
  return async () => {
    const options: { headers?: Record<string, unknown>; cert?: string | Buffer; key?: string | Buffer } = {};
    await client.applyToHTTPSOptions(options);
    if (options.cert !== undefined && options.key !== undefined)
      Object.assign(tls, { cert: options.cert, key: options.key });
    const header = options.headers?.["Authorization"];
    return typeof header === "string" ? header : undefined;
  };
}

const serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount";

function accessFromPod(choice: KubeconfigChoice): ClusterAccess {
  const host = process.env["KUBERNETES_SERVICE_HOST"];
  if (host === undefined || !existsSync(`${serviceAccount}/token`)) {
    throw new Error("no kubeconfig was found: set KUBECONFIG, or the provider's `kubeconfig` to its path or contents");
  }
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${process.env["KUBERNETES_SERVICE_PORT"] ?? "443"}`,
    namespace: choice.namespace || readFileSync(`${serviceAccount}/namespace`, "utf8").trim(),
    tls: { ca: readFileSync(`${serviceAccount}/ca.crt`) },
    authorization: bearer(`${serviceAccount}/token`),
  };
}
