import { readFileSync } from "node:fs";
import { layout, writeAtomically } from "../node/spec.ts";
import type { ServiceStatus } from "./service.ts";

/** Status of the supervisor, for the host to read. */
export interface NodeStatus {
  readonly phase: "starting" | "running" | "stopping";
  /** Start of this supervisor in milliseconds since 1970. */
  readonly startedAt: number;
  readonly services: readonly ServiceStatus[];
  /** Why the node does not become ready, if known. */
  readonly problem?: string;
}

/** Writes the latest status to the state directory, one write at a time. */
export class StatusFile {
  readonly #file: string;
  #next: NodeStatus | undefined;
  #writing = Promise.resolve();

  constructor(stateDir: string) {
    this.#file = layout(stateDir).status;
  }

  write(status: NodeStatus): void {
    const isQueued = this.#next !== undefined;
    this.#next = status;
    if (isQueued) return;
    this.#writing = this.#writing
      .then(async () => {
        const latest = this.#next;
        this.#next = undefined;
        if (latest !== undefined) await writeAtomically(this.#file, JSON.stringify(latest, undefined, 2));
      })
      // The cluster keeps running if, for example, the disk is full.
      .catch((error: unknown) => console.error(`cannot write ${this.#file}: ${String(error)}`));
  }
}

/** The supervisor's latest status; undefined if there is none yet. */
export function readStatus(stateDir: string): NodeStatus | undefined {
  try {
    return JSON.parse(readFileSync(layout(stateDir).status, "utf8")) as NodeStatus;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
