import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Result of an attempt to open a connection. Any other text explains why the result is unknown. */
export type Verdict = "open" | "refused" | "closed" | (string & {});

/** A pod's command that tries to open TCP connections; {@link parseVerdicts} parses its output. */
export function probeCommand(targets: readonly string[]): string[] {
  return ["sh", "-c", readFileSync(join(__dirname, "probe.sh"), "utf8"), "probe", ...targets];
}

/** Parses lines of `HOST:PORT VERDICT`. */
export function parseVerdicts(text: string): Map<string, Verdict> {
  const lines = text.trim().split("\n");
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]));
}
