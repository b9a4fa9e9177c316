import { ApplicationPod } from "./application-pod.ts";
import { eventually } from "./eventually.ts";
import { exec, isReady, list, type Named, type Pod } from "./kubernetes.ts";
import { primary, sql } from "./postgresql.ts";

const pod = new ApplicationPod("cdc", "cdc.mjs");

/** A row change, as the topic of its table contains it. */
export interface ChangeEvent {
  readonly key: { readonly id: number } | null;
  /** `c`, `u`, `d`; `r` for a row read in a snapshot; `tombstone` after a `d`. */
  readonly op: string;
  readonly before?: Readonly<Record<string, unknown>> | null;
  readonly after?: Readonly<Record<string, unknown>> | null;
}

/** Starts the pod that runs `cdc.mjs`, with the shared configuration and Secret of the application's services. */
export const startApplication = (): Promise<void> => pod.start();

export const removeApplication = (): Promise<void> => pod.remove();

/** Runs a command of `cdc.mjs` to completion and returns the lines that it printed. */
export async function application<T>(...args: readonly string[]): Promise<T[]> {
  const printed = await pod.run(args, { timeout: 60 });
  const lines = printed.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as T);
}

/** A command of `cdc.mjs` that runs in the background. */
export interface Running<T> {
  /** Lines printed so far, without errors. */
  readonly lines: readonly T[];
  readonly errors: readonly string[];
  readonly ended: Promise<void>;
  /** Disconnects from the command. Its process in the pod runs until the pod is removed. */
  stop: () => void;
}

/** Starts a command of `cdc.mjs`. */
export function start<T extends object>(...args: readonly string[]): Running<T> {
  const lines: T[] = [];
  const errors: string[] = [];
  const { ended, disconnect } = pod.stream(args, {
    onLine: (text) => {
      const line = JSON.parse(text) as T | { error: string };
      if ("error" in line) errors.push(line.error);
      else lines.push(line);
    },
  });
  return { lines, errors, ended, stop: disconnect };
}

/** Waits until a standby's only slot is a synchronized copy of Debezium's, usable after a promotion. */
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

/** Drops Debezium's slot, and executes the statement before there is another one. */
export async function loseSlot(statement: string): Promise<void> {
  const lose = `select pg_terminate_backend(active_pid, 10000) from pg_replication_slots where slot_name = 'nx_debezium';
     select pg_drop_replication_slot('nx_debezium');
     ${statement}`;
  // fails if Debezium reconnects before the drop; then the next attempt terminates it again
  await eventually(async () => sql(primary, lose));
}

/** Debezium's pod, ignoring one that is terminating. */
export async function debezium(): Promise<Pod> {
  const pods = await list<Pod>("pods", "nx-search");
  const found = pods.find(
    ({ metadata }) => /^nx-debezium-[0-9a-f]+-/.test(metadata.name) && metadata.deletionTimestamp === undefined,
  );
  if (found === undefined) throw new Error("Debezium has no pod");
  return found;
}

/**
 * Whether Debezium reads changes now. After a database outage the worker first fails and restarts, which takes a while.
 */
export async function isCapturing(): Promise<boolean> {
  const active = await sql(primary, "select active from pg_replication_slots where slot_name = 'nx_debezium'");
  return active === "t" && isReady(await debezium());
}

/** The response of the Connect worker's REST API to a GET request, sent from its own pod. */
export async function workerGet(path: string): Promise<string> {
  const { metadata } = await debezium();
  const named = { namespace: "nx-search", name: metadata.name };
  return exec(named, ["curl", "--silent", "--fail", `http://localhost:8083${path}`]);
}
