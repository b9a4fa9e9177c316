import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What became of an attempt to open a connection; anything else is a text that says why it cannot be told. */
export type Verdict = "open" | "refused" | "closed" | (string & {});

/** The command by which a pod tries to open TCP connections to PostgreSQL servers; {@link parseVerdicts} reads what it prints. */
export function probeCommand(targets: readonly string[]): string[] {
  return ["sh", "-c", readFileSync(join(__dirname, "probe.sh"), "utf8"), "probe", ...targets];
}

/** Reads lines of `HOST:PORT VERDICT`. */
export function parseVerdicts(text: string): Map<string, Verdict> {
  const lines = text.trim().split("\n");
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]));
}
