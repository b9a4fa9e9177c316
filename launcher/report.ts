/** Shows phases on the terminal: live lines on a screen, plain ones in a log. */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import path from "node:path";
import type { PhaseLog, Reporter } from "../local/report.ts";

const REDRAW_MS = 250;
/** How often a phase that is still running says so where there is no screen. */
const HEARTBEAT_MS = 30_000;
const LINES_OF_LOG = 12;
const running = "…";

interface Running {
  readonly title: string;
  readonly begun: number;
  note: string;
  /** When it was last heard of, in a log. */
  heard: number;
}

const shown = new WeakSet<Error>();

/** Whether a phase has already shown this error, with its log. */
export function wasShown(error: unknown): boolean {
  return error instanceof Error && shown.has(error);
}

/**
 * A reporter that writes to standard output.
 * @param logs directory of the phases' log files; a phase begins its log anew
 */
export function screenReporter(logs: string, out: NodeJS.WriteStream = process.stdout): Reporter {
  return new Screen(logs, out);
}

class Screen implements Reporter {
  readonly #logs: string;
  readonly #out: NodeJS.WriteStream;
  readonly #running = new Set<Running>();
  #ticker: NodeJS.Timeout | undefined;
  #drawnLines = 0;

  constructor(logs: string, out: NodeJS.WriteStream) {
    this.#logs = logs;
    this.#out = out;
  }

  async phase<T>(title: string, work: (log: PhaseLog) => Promise<T>): Promise<T> {
    const log = logFile(this.#logs, title);
    const phase: Running = { title, begun: Date.now(), note: "", heard: Date.now() };
    this.#running.add(phase);
    this.#ticker ??= setInterval(() => this.#tick(), REDRAW_MS);
    try {
      const result = await work({ path: log, note: (text) => (phase.note = firstLine(text)) });
      this.#end(phase, [summary("ok", phase)]);
      return result;
    } catch (error) {
      this.#end(phase, [summary("FAILED", phase), ...explanation(error, log)]);
      if (error instanceof Error) shown.add(error);
      throw error;
    }
  }

  #end(phase: Running, lines: string[]): void {
    this.#running.delete(phase);
    this.#erase();
    this.#out.write(`${lines.join("\n")}\n`);
    this.#draw();
    if (this.#running.size > 0) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }

  #tick(): void {
    if (this.#out.isTTY) {
      this.#erase();
      this.#draw();
      return;
    }
    for (const phase of this.#running) {
      if (Date.now() - phase.heard < HEARTBEAT_MS) continue;
      phase.heard = Date.now();
      this.#out.write(`${summary(running, phase)}\n`);
    }
  }

  #draw(): void {
    if (!this.#out.isTTY) return;
    const lines = [...this.#running].map((phase) => summary(running, phase).slice(0, (this.#out.columns || 80) - 1));
    if (lines.length > 0) this.#out.write(`${lines.join("\n")}\n`);
    this.#drawnLines = lines.length;
  }

  #erase(): void {
    if (this.#drawnLines > 0) this.#out.write(`\x1b[${this.#drawnLines}A\x1b[0J`);
    this.#drawnLines = 0;
  }
}

function summary(state: string, { title, begun, note }: Running): string {
  const seconds = ((Date.now() - begun) / 1000).toFixed(1);
  return `${state.padEnd(8)}${seconds.padStart(7)} s  ${title}${note === "" || state !== running ? "" : `: ${note}`}`;
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}

function logFile(logs: string, title: string): string {
  mkdirSync(logs, { recursive: true });
  const file = path.join(logs, `${title.toLowerCase().replaceAll(/[^a-z0-9.]+/g, "-")}.log`);
  closeSync(openSync(file, "w", 0o600));
  return file;
}

/** The cause, and the end of the log unless the cause already quotes it. */
function explanation(error: unknown, log: string): string[] {
  const cause = error instanceof Error ? error.message : String(error);
  const text = existsSync(log) ? readFileSync(log, "utf8").trim() : "";
  const lines = cause.split("\n");
  if (text !== "" && !cause.includes(log)) {
    const unsaid = text.split("\n").filter((line) => !cause.includes(line.trim()));
    lines.push(...unsaid.slice(-LINES_OF_LOG), `Log: ${log}`);
  }
  return lines.map((line) => `    ${line}`);
}
