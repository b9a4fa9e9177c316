import { readFileSync } from "node:fs";
import { layout, writeWhole } from "../node/spec.ts";
import type { ServiceStatus } from "./service.ts";

/** What the supervisor says about itself, for the host to read. */
export interface NodeStatus {
  readonly phase: "starting" | "running" | "stopping";
  /** When this supervisor started, in milliseconds since 1970. */
  readonly since: number;
  readonly services: readonly ServiceStatus[];
  /** Why the node cannot become ready, as far as is known. */
  readonly problem?: string;
}

/** Writes the newest status to the state directory, one write at a time. */
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
        const newest = this.#next;
        this.#next = undefined;
        if (newest !== undefined) await writeWhole(this.#file, JSON.stringify(newest, undefined, 2));
      })
      // A full disk is no reason to end the cluster.
      .catch((error: unknown) => console.error(`writing ${this.#file}: ${String(error)}`));
  }
}

/** The status that the node's supervisor wrote last; undefined before its first. */
export function readStatus(stateDir: string): NodeStatus | undefined {
  try {
    return JSON.parse(readFileSync(layout(stateDir).status, "utf8")) as NodeStatus;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
