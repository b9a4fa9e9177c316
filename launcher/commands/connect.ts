import { readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { status } from "../../local/index.ts";
import { forward, passwordOf, type Kubectl } from "../connect/kubectl.ts";
import { connectableStores, type ConnectableStore, type Endpoint } from "../connect/stores.ts";
import { typesenseClient } from "../connect/typesense.ts";
import { contextOf } from "../contexts.ts";
import { clusterOptions, startHint, type Target } from "../environment.ts";
import { screenReporter } from "../report.ts";
import { UsageError } from "../usage-error.ts";
import { checkout, launcherLogs } from "../versions.ts";
import { passThrough } from "./passthrough.ts";

/** `npm run connect`: runs a client of a store, or forwards a port to it. No command line contains a password. */
export async function connectCommand(target: Target, args: readonly string[]): Promise<number> {
  const { store, portForward, clientArgs } = parseArguments(args);
  const kubectl = await kubectlFor(target);
  if (portForward) return forwardUntilInterrupted(kubectl, store);
  const { client } = store;
  if (client !== undefined) {
    const script = readFileSync(path.join(checkout, "launcher", "connect", client.script), "utf8");
    const terminal = process.stdin.isTTY && process.stdout.isTTY ? ["--stdin", "--tty"] : ["--stdin"];
    const container = ["--namespace", store.namespace, client.pod, "--container", client.container];
    const command = ["sh", "-euc", script, client.script, ...clientArgs];
    return passThrough(
      kubectl.program,
      [...kubectl.cluster, "exec", "--quiet", ...terminal, ...container, "--", ...command],
      kubectl.env,
    );
  }
  const key = await passwordOf(kubectl, store);
  const forwarded = await forward(kubectl, store);
  try {
    return await typesenseClient(`http://127.0.0.1:${String(forwarded.port)}`, key, clientArgs);
  } finally {
    forwarded.stop();
  }
}

function parseArguments(args: readonly string[]) {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const { values, positionals } = parseFlags(args.slice(0, end));
  const [name, ...extra] = positionals;
  const store = connectableStores[name ?? ""];
  const known = Object.keys(connectableStores).join(", ");
  if (name === undefined) throw new UsageError(`Name a store: ${known}`);
  if (store === undefined) throw new UsageError(`Unknown store "${name}". Stores: ${known}`);
  if (extra.length > 0)
    throw new UsageError(`Put the client's arguments after --: npm run connect -- ${name} -- ${extra.join(" ")}`);
  return { store, portForward: values["port-forward"] ?? false, clientArgs: args.slice(end + 1) };
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: { "port-forward": { type: "boolean" } }, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\nSee: npm run connect -- --help`);
  }
}

async function kubectlFor({ name, context }: Target): Promise<Kubectl> {
  if (context !== undefined) {
    const { kubeconfig } = contextOf(context);
    return { program: "kubectl", cluster: ["--context", context], env: { ...process.env, KUBECONFIG: kubeconfig } };
  }
  const { cluster } = await status(clusterOptions(name, screenReporter(path.join(launcherLogs, name))));
  if (cluster === undefined) throw new Error(`The embedded cluster is not running. Start it with: ${startHint(name)}`);
  return { program: cluster.kubectl, cluster: ["--kubeconfig", cluster.kubeconfig], env: process.env };
}

async function forwardUntilInterrupted(kubectl: Kubectl, store: ConnectableStore): Promise<number> {
  const forwarded = await forward(kubectl, store);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => forwarded.stop());
  console.log(connectionDetails(store, forwarded.port));
  const stderr = await forwarded.ended;
  if (stderr !== "") console.error(stderr);
  return 0;
}

/** What a client needs to connect to the forwarded port. */
function connectionDetails({ namespace, service, user, secret, key, note }: Endpoint, port: number): string {
  return [
    `address   127.0.0.1:${String(port)}, forwarded to ${service}.${namespace} until you press Ctrl-C`,
    ...(user === undefined ? [] : [`user      ${user}`]),
    `password  key ${key} of Secret ${secret}`,
    ...(note === undefined ? [] : [note]),
  ].join("\n");
}
