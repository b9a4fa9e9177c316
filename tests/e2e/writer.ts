import type { Named } from "./kubernetes.ts";
import type { Login } from "./postgresql.ts";
import { startScript } from "./script.ts";

/** A client that writes continuously, see `write.sh`. */
export interface Writer {
  /** Rows committed so far. */
  readonly committed: readonly number[];
  /** Stops it, waits until it has ended and returns all committed rows. */
  stop(): Promise<readonly number[]>;
}

/** Starts a writer in a client pod. The table "written (id int primary key)" must exist. */
export function startWriter(client: Named, login: Login): Writer {
  const script = startScript(client, login, "write.sh");
  return {
    get committed() {
      return script.lines.map(Number);
    },
    stop: async () => (await script.stop()).map(Number),
  };
}
