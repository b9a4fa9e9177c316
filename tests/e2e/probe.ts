import { readFileSync } from "node:fs";
import { join } from "node:path";
import { exec, type Named } from "./kubernetes.ts";

/** What became of an attempt to open a connection; anything else is a text that says why it cannot be told. */
export type Verdict = "open" | "refused" | "closed" | (string & {});

/** Tries to open TCP connections from a client pod to `HOST:PORT`s, all at once. */
export async function connects(from: Named, targets: readonly string[]): Promise<Map<string, Verdict>> {
  return parseVerdicts(await exec(from, probeCommand(targets), { timeout: 60 }));
}

/** The command that does so, for a pod of its own; {@link parseVerdicts} reads what it prints. */
export function probeCommand(targets: readonly string[]): string[] {
  return ["sh", "-c", readFileSync(join(__dirname, "probe.sh"), "utf8"), "probe", ...targets];
}

/** Reads lines of `HOST:PORT VERDICT`. */
export function parseVerdicts(text: string): Map<string, Verdict> {
  const lines = text.trim().split("\n");
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]));
}
