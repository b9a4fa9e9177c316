import { readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { status } from "../../local/index.ts";
import { forward, passwordOf, type Kubectl } from "../connect/kubectl.ts";
import { connectedStores, type ConnectedStore, type Door } from "../connect/stores.ts";
import { typesenseClient } from "../connect/typesense.ts";
import { contextOf } from "../contexts.ts";
import { clusterOptions, type Target } from "../environment.ts";
import { screenReporter } from "../report.ts";
import { UsageError } from "../usage-error.ts";
import { checkout, launcherLogs } from "../versions.ts";
import { passOn } from "./passed-on.ts";

/** `npm run connect`: a client of a store, or a port that leads to it. Passwords are in no command line. */
export async function connectCommand(target: Target, args: readonly string[]): Promise<number> {
  const { store, portForward, rest } = read(args);
  const kubectl = await kubectlOf(target);
  if (portForward) return forwardUntilStopped(kubectl, store);
  const { client } = store;
  if (client !== undefined) {
    const script = readFileSync(path.join(checkout, "launcher", "connect", client.script), "utf8");
    const terminal = process.stdin.isTTY && process.stdout.isTTY ? ["--stdin", "--tty"] : ["--stdin"];
    const place = ["--namespace", store.namespace, client.pod, "--container", client.container];
    const command = ["sh", "-euc", script, client.script, ...rest];
    return passOn(
      kubectl.program,
      [...kubectl.cluster, "exec", "--quiet", ...terminal, ...place, "--", ...command],
      kubectl.env,
    );
  }
  const key = await passwordOf(kubectl, store);
  const forwarded = await forward(kubectl, store);
  try {
    return await typesenseClient(`http://127.0.0.1:${String(forwarded.port)}`, key, rest);
  } finally {
    forwarded.stop();
  }
}

function read(args: readonly string[]) {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const { values, positionals } = parsed(args.slice(0, end));
  const [name, ...more] = positionals;
  const store = connectedStores[name ?? ""];
  const known = Object.keys(connectedStores).join(", ");
  if (name === undefined) throw new UsageError(`Connect to which store? There are: ${known}`);
  if (store === undefined) throw new UsageError(`there is no store "${name}": ${known}`);
  if (more.length > 0)
    throw new UsageError(`What is for the client comes after --: npm run connect -- ${name} -- ${more.join(" ")}`);
  return { store, portForward: values["port-forward"] ?? false, rest: args.slice(end + 1) };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: { "port-forward": { type: "boolean" } }, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\nSee: npm run connect -- --help`);
  }
}

async function kubectlOf({ name, context }: Target): Promise<Kubectl> {
  if (context !== undefined) {
    const { kubeconfig } = contextOf(context);
    return { program: "kubectl", cluster: ["--context", context], env: { ...process.env, KUBECONFIG: kubeconfig } };
  }
  const { cluster } = await status(clusterOptions(name, screenReporter(path.join(launcherLogs, name))));
  if (cluster === undefined) throw new Error("The embedded cluster does not run. Start it with: npm start");
  return { program: cluster.kubectl, cluster: ["--kubeconfig", cluster.kubeconfig], env: process.env };
}

async function forwardUntilStopped(kubectl: Kubectl, store: ConnectedStore): Promise<number> {
  const forwarded = await forward(kubectl, store);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => forwarded.stop());
  console.log(description(store, forwarded.port));
  const said = await forwarded.ended;
  if (said !== "") console.error(said);
  return 0;
}

/** What somebody needs who connects to a forwarded port. */
function description({ namespace, service, user, secret, key, remark }: Door, port: number): string {
  return [
    `address   127.0.0.1:${String(port)}, which is ${service}.${namespace} until this command ends`,
    ...(user === undefined ? [] : [`user      ${user}`]),
    `password  key ${key} of Secret ${secret}`,
    ...(remark === undefined ? [] : [remark]),
  ].join("\n");
}
