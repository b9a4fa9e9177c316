import { readFileSync } from "node:fs";

/** What the runner of the end-to-end tests hands to them: a running cluster and a way to run Pulumi on it. */
export interface Session {
  readonly cluster: { readonly kubeconfig: string; readonly context: string; readonly kubectl: string };
  /** The program's checkout, in which Pulumi runs. */
  readonly checkout: string;
  /** Process id of the node's first process, as this machine counts. */
  readonly node: number;
  /** Folder of this cluster's and stack's state. */
  readonly stateDir: string;
  /** Stack configuration that the tests may change. */
  readonly configFile: string;
  /** Pulumi's command, and its whole environment: backend, passphrase, stack, kubeconfig, plugins. */
  readonly pulumi: { readonly command: string; readonly env: NodeJS.ProcessEnv };
  /** The options with which `npm start` previews and updates: the policy pack, mandatory. */
  readonly mandatoryPolicies: readonly string[];
}

/** Environment variable that names the file with the {@link Session}. */
export const sessionVariable = "BANA_E2E_SESSION";

let read: Session | undefined;

/** The session these tests run in. Throws where there is none. */
export function session(): Session {
  const path = process.env[sessionVariable];
  if (path === undefined) throw new Error("these tests need a cluster: run them with `npm test -- e2e`");
  read ??= JSON.parse(readFileSync(path, "utf8")) as Session;
  return read;
}
