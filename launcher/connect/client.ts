import { readFileSync } from "node:fs";
import path from "node:path";
import { text } from "node:stream/consumers";
import type { Connection } from "../../components/contract/connection.ts";
import { passThrough } from "../commands/passthrough.ts";
import { run } from "../programs.ts";
import { checkout } from "../versions.ts";
import type { Kubectl } from "./kubectl.ts";

type Client = NonNullable<Connection["client"]>;

/** The fields of an EndpointSlice that name a Service's pods. */
interface EndpointSlice {
  readonly endpoints?:
    | readonly {
        readonly targetRef?: { readonly name: string };
        readonly conditions?: { readonly terminating?: boolean };
      }[]
    | null;
}

/**
 * Runs the store's own client in one of its pods; if the pods share no state, a given command in each of them.
 *
 * @returns the client's exit code; that of the last pod where it failed
 */
export async function runClient(
  kubectl: Kubectl,
  connection: Connection,
  client: Client,
  args: readonly string[],
): Promise<number> {
  const { program, cluster, env } = kubectl;
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
  const command = (pod: string, options: readonly string[]) => [
    ...[...cluster, "exec", "--quiet", ...options, "--namespace", connection.namespace, pod],
    ...["--container", client.container, "--", ...clientCommand(connection, client, args)],
  ];
  const interactive = args.length === 0 && isTerminal;
  if (!client.everyPod || interactive)
    return passThrough(program, command(client.pod, isTerminal ? ["--stdin", "--tty"] : ["--stdin"]), env);

  const pods = await podsOf(kubectl, connection);
  const input = process.stdin.isTTY || namesCommand(args) ? "" : await text(process.stdin);
  let code = 0;
  for (const pod of pods) {
    if (pods.length > 1) console.log(`${pod}:`);
    code = (await passThrough(program, command(pod, ["--stdin"]), env, input)) || code;
  }
  return code;
}

function clientCommand({ protocol }: Connection, { script = protocol }: Client, args: readonly string[]): string[] {
  const text = readFileSync(path.join(checkout, "launcher", "connect", `${script}.sh`), "utf8");
  return ["sh", "-euc", text, `${script}.sh`, ...args];
}

/** Whether psql takes its commands from the arguments (`-c`, `-Atc`, `--file`): then it reads no input. */
const namesCommand = (args: readonly string[]): boolean =>
  args.some((argument) => /^(-[A-Za-z]*[cf]|--command|--file)/.test(argument));

async function podsOf({ program, cluster, env }: Kubectl, { namespace, service }: Connection): Promise<string[]> {
  const selector = `--selector=kubernetes.io/service-name=${service}`;
  const get = ["get", "endpointslices.discovery.k8s.io", "--namespace", namespace, selector, "--output=json"];
  const { code, stdout, stderr } = await run({ argv: [program, ...cluster, ...get], env });
  if (code !== 0) throw new Error(stderr.trim());
  const { items } = JSON.parse(stdout) as { items: readonly EndpointSlice[] };
  const pods = items
    .flatMap(({ endpoints }) => endpoints ?? [])
    .filter(({ conditions }) => !conditions?.terminating)
    .flatMap(({ targetRef }) => targetRef?.name ?? []);
  if (pods.length === 0) throw new Error(`${namespace}/${service} has no pod`);
  return [...new Set(pods)].sort();
}
