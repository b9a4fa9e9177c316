import { ApplicationPod } from "./application-pod.ts";
import { eventually } from "./eventually.ts";
import { exec, isReady, list, type Named, type Pod } from "./kubernetes.ts";
import { primary, sql } from "./postgresql.ts";

const pod = new ApplicationPod("cdc", "cdc.mjs");

/** A change of a row, as the topic of its table tells it. */
export interface ChangeEvent {
  readonly key: { readonly id: number } | null;
  /** `c`, `u`, `d`, `r` for a row that was there before; `tombstone` after a `d`. */
  readonly op: string;
  readonly before?: Readonly<Record<string, unknown>> | null;
  readonly after?: Readonly<Record<string, unknown>> | null;
}

/** Starts a pod that knows what services of the application know, for `cdc.mjs` to run in. */
export const startApplication = (): Promise<void> => pod.start();

export const removeApplication = (): Promise<void> => pod.remove();

/** Runs a command of `cdc.mjs` to its end, and returns what it printed. */
export async function application<T>(...words: readonly string[]): Promise<T[]> {
  const said = await pod.run(words, { timeout: 60 });
  const lines = said.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as T);
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
  const said: T[] = [];
  const complaints: string[] = [];
  const { ended, leave } = pod.talk(words, {
    line: (text) => {
      const line = JSON.parse(text) as T | { error: string };
      if ("error" in line) complaints.push(line.error);
      else said.push(line);
    },
  });
  return { said, complaints, ended, stop: leave };
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
