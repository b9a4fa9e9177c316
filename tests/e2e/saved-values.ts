import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { session } from "./session.ts";

const file = (name: string): string => join(session().stateDir, `saved-${name}.json`);

/** Saves a value for later test files, which share the stack but no variables. */
export function saveValue(name: string, value: unknown): void {
  writeFileSync(file(name), JSON.stringify(value));
}

/** The value that an earlier test file saved under this name. Throws when there is none. */
export function savedValue<T>(name: string): T {
  return JSON.parse(readFileSync(file(name), "utf8")) as T;
}
