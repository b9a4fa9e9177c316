import { readFileSync } from "node:fs";

/** The running cluster that the test runner provides to the end-to-end tests, and how to run Pulumi on it. */
export interface Session {
  readonly cluster: { readonly kubeconfig: string; readonly context: string; readonly kubectl: string };
  /** The program's checkout, the working directory of Pulumi. */
  readonly checkout: string;
  /** Process id of the node's first process in this machine's pid namespace. */
  readonly node: number;
  /** State directory of the cluster and the stack. */
  readonly stateDir: string;
  /** Stack configuration that the tests may change. */
  readonly configFile: string;
  /** Pulumi's command and complete environment: backend, passphrase, stack, kubeconfig, plugins. */
  readonly pulumi: { readonly command: string; readonly env: NodeJS.ProcessEnv };
  /** Options of `npm start` that make the policy pack mandatory. */
  readonly mandatoryPolicies: readonly string[];
}

/** Environment variable that names the file with the {@link Session}. */
export const sessionVariable = "BANA_E2E_SESSION";

const read = new Map<string, Session>();

/** The current session. Throws when there is none. */
export function session(): Session {
  const path = process.env[sessionVariable];
  if (path === undefined) throw new Error("these tests need a cluster: run them with `npm test -- e2e`");
  const known = read.get(path) ?? (JSON.parse(readFileSync(path, "utf8")) as Session);
  read.set(path, known);
  return known;
}
