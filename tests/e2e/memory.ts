import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { session } from "./session.ts";

const file = (name: string): string => join(session().stateDir, `remembered-${name}.json`);

/** Keeps a value for test files that come later: they share a stack, but no variables. */
export function remember(name: string, value: unknown): void {
  writeFileSync(file(name), JSON.stringify(value));
}

/** The value that an earlier test file kept under this name. Throws when it has not come that far. */
export function remembered<T>(name: string): T {
  return JSON.parse(readFileSync(file(name), "utf8")) as T;
}
