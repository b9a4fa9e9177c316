import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { apply, exec, get, isReady, kubectl, kubectlCommand, list, type Named, type Pod } from "./kubernetes.ts";
import { primary, sql } from "./postgresql.ts";

const pod = { namespace: "nx-backend", name: "cdc" };
const script = readFileSync(join(__dirname, "cdc.mjs"), "utf8");
// modules are looked for from the folder that node runs in
const run = (...words: readonly string[]): string[] => ["node", "--input-type=module", "-", ...words];

/** A change of a row, as the topic of its table tells it. */
export interface ChangeEvent {
  readonly key: { readonly id: number } | null;
  /** `c`, `u`, `d`, `r` for a row that was there before; `tombstone` after a `d`. */
  readonly op: string;
  readonly before?: Readonly<Record<string, unknown>> | null;
  readonly after?: Readonly<Record<string, unknown>> | null;
}

/** Starts a pod that knows what services of the application know, for `cdc.mjs` to run in. */
export async function startApplication(): Promise<void> {
  await apply({
    apiVersion: "v1",
    kind: "Pod",
    metadata: pod,
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 0,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          name: "cdc",
          image: "local.bana/test-clients:1",
          command: ["sleep", "infinity"],
          envFrom: [{ configMapRef: { name: "shared-config" } }, { secretRef: { name: "nx-shared-secret" } }],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
          resources: { requests: { cpu: "1m", memory: "64Mi" }, limits: { memory: "512Mi" } },
        },
      ],
    },
  });
  await eventually(async () => isReady(await get<Pod>("pod", pod)), { timeout: 180 });
}

export async function removeApplication(): Promise<void> {
  await kubectl(["delete", "pod", pod.name, "--namespace", pod.namespace, "--grace-period=0", "--force"]);
}

const parsed = <T>(lines: readonly string[]): T[] => lines.map((line) => JSON.parse(line) as T);

/** Runs a command of `cdc.mjs` to its end, and returns what it printed. */
export async function application<T>(...words: readonly string[]): Promise<T[]> {
  const said = await exec(pod, run(...words), { input: script, timeout: 60 });
  return parsed(said.split("\n").filter((line) => line !== ""));
}

/** A command of `cdc.mjs` that runs beside the test. */
export interface Running<T> {
  /** What it has printed so far, but for what it complained of. */
  readonly said: readonly T[];
  readonly complaints: readonly string[];
  readonly ended: Promise<void>;
  /** Ends it; what runs in the pod ends with the pod. */
  stop: () => void;
}

/** Starts a command of `cdc.mjs`. */
export function start<T extends object>(...words: readonly string[]): Running<T> {
  const { command, args } = kubectlCommand([
    ...["exec", "--stdin", "--namespace", pod.namespace, pod.name, "--"],
    ...run(...words),
  ]);
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => {
      resolve();
    });
  });
  const said: T[] = [];
  const complaints: string[] = [];
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of parsed<T | { error: string }>(lines)) {
      if ("error" in line) complaints.push(line.error);
      else said.push(line);
    }
  });
  child.stdin.end(script);
  return { said, complaints, ended, stop: () => child.kill() };
}

/** Waits until a standby has a copy of the slot that Debezium reads from, to go on with as the primary, and no slot besides. */
export async function slotIsCopied(standby: Named): Promise<void> {
  await eventually(
    async () => {
      expect(await sql(standby, "select slot_name, synced, temporary from pg_replication_slots")).toBe(
        "nx_debezium|t|f",
      );
    },
    { timeout: 180 },
  );
}

/** The pod of Debezium that is not on its way out. */
export async function debezium(): Promise<Pod> {
  const pods = await list<Pod>("pods", "nx-search");
  const found = pods.find(
    ({ metadata }) => /^nx-debezium-[0-9a-f]+-/.test(metadata.name) && metadata.deletionTimestamp === undefined,
  );
  if (found === undefined) throw new Error("there is no pod of Debezium");
  return found;
}

/** Whether changes are read now: a worker whose database was away finds that out, fails and starts again in its own time. */
export async function isCapturing(): Promise<boolean> {
  const active = await sql(primary, "select active from pg_replication_slots where slot_name = 'nx_debezium'");
  return active === "t" && isReady(await debezium());
}

/** What the worker's REST interface answers, asked in its own pod. */
export async function workerSays(path: string): Promise<string> {
  const { metadata } = await debezium();
  const named = { namespace: "nx-search", name: metadata.name };
  return exec(named, ["curl", "--silent", "--fail", `http://localhost:8083${path}`]);
}
