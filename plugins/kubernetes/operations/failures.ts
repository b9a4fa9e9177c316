/** Failures that the engine must know more about than a message. */
import type { Fields } from "../values.ts";

/** The object exists, but is not ready: the engine keeps this state, and goes on from it in the next update. */
export class InitFailed extends Error {
  readonly id: string;
  readonly state: Fields;
  readonly inputs: Fields | undefined;
  readonly reasons: readonly string[];

  constructor(message: string, id: string, state: Fields, reasons: readonly string[], inputs?: Fields) {
    super(message);
    this.id = id;
    this.state = state;
    this.reasons = [message, ...reasons];
    this.inputs = inputs;
  }
}
