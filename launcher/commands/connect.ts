import path from "node:path";
import { parseArgs } from "node:util";
import type { Connection } from "../../components/contract/connection.ts";
import { status } from "../../local/index.ts";
import { runClient } from "../connect/client.ts";
import { httpClient } from "../connect/http-client.ts";
import { forward, loginOf, type Kubectl } from "../connect/kubectl.ts";
import { contextOf } from "../contexts.ts";
import { clusterOptions } from "../environment.ts";
import { screenReporter } from "../report.ts";
import { connectionsOf } from "../stores.ts";
import { startHint, type Target } from "../target.ts";
import { UsageError } from "../usage-error.ts";
import { launcherLogs } from "../versions.ts";

/** `npm run connect`: runs a client of a store, or forwards a port to it. No command line contains a password. */
export async function connectCommand(target: Target, args: readonly string[]): Promise<number> {
  const { name, portForward, clientArgs } = parseArguments(args);
  const kubectl = await kubectlFor(target);
  const connection = find(await connectionsOf(target), name);
  if (portForward) return forwardUntilInterrupted(kubectl, connection);
  const { client, protocol } = connection;
  if (client !== undefined) return runClient(kubectl, connection, client, clientArgs);
  if (protocol === "http") return sendRequests(kubectl, connection, clientArgs);
  throw new UsageError(`${connection.title} has no client in its pods. Use: npm run connect -- ${name} --port-forward`);
}

function parseArguments(args: readonly string[]) {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const { values, positionals } = parseFlags(args.slice(0, end));
  const [name = "", ...extra] = positionals;
  if (extra.length > 0)
    throw new UsageError(`Put the client's arguments after --: npm run connect -- ${name} -- ${extra.join(" ")}`);
  return { name, portForward: values["port-forward"] ?? false, clientArgs: args.slice(end + 1) };
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: { "port-forward": { type: "boolean" } }, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\nSee: npm run connect -- --help`);
  }
}

function find(connections: readonly Connection[], name: string): Connection {
  const connection = connections.find((each) => each.name === name);
  if (connection !== undefined) return connection;
  const known = connections.map((each) => each.name).join(", ");
  throw new UsageError(name === "" ? `Name a store: ${known}` : `Unknown store "${name}". Stores: ${known}`);
}

/** kubectl for the cluster of a target. */
export async function kubectlFor(target: Target): Promise<Kubectl> {
  const { name, context } = target;
  if (context !== undefined) {
    const { kubeconfig } = contextOf(context);
    return { program: "kubectl", cluster: ["--context", context], env: { ...process.env, KUBECONFIG: kubeconfig } };
  }
  const { cluster } = await status(clusterOptions(name, screenReporter(path.join(launcherLogs, name))));
  if (cluster === undefined)
    throw new Error(`The embedded cluster is not running. Start it with: ${startHint(target)}`);
  return { program: cluster.kubectl, cluster: ["--kubeconfig", cluster.kubeconfig], env: process.env };
}

async function sendRequests(kubectl: Kubectl, connection: Connection, args: readonly string[]): Promise<number> {
  const { name, credential } = connection;
  const headers =
    credential?.header === undefined ? {} : { [credential.header]: (await loginOf(kubectl, credential)).password };
  const forwarded = await forward(kubectl, connection);
  try {
    return await httpClient({ name, origin: `http://127.0.0.1:${String(forwarded.port)}`, headers }, args);
  } finally {
    forwarded.stop();
  }
}

async function forwardUntilInterrupted(kubectl: Kubectl, connection: Connection): Promise<number> {
  const { credential } = connection;
  const username = credential?.keys.username && (await loginOf(kubectl, credential)).username;
  const forwarded = await forward(kubectl, connection);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => forwarded.stop());
  console.log(connectionDetails(connection, forwarded.port, username));
  const stderr = await forwarded.ended;
  if (stderr !== "") console.error(stderr);
  return 0;
}

/** What a client needs to connect to the forwarded port. */
function connectionDetails(connection: Connection, port: number, username: string | undefined): string {
  const { namespace, service, credential, redirectsToNodes } = connection;
  return [
    `address   127.0.0.1:${String(port)}, forwarded to ${service}.${namespace} until you press Ctrl-C`,
    ...(username === undefined ? [] : [`user      ${username}`]),
    credential === undefined
      ? "password  none required"
      : `password  key ${credential.keys.password} of Secret ${credential.namespace}/${credential.secret}`,
    ...(redirectsToNodes
      ? ["The port leads to one node only. It redirects clients to nodes whose names resolve only in the cluster."]
      : []),
  ].join("\n");
}
