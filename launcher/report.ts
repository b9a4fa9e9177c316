/** Shows phases on the terminal: live lines on a screen, plain ones in a log. */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import path from "node:path";
import type { PhaseLog, Reporter } from "../local/report.ts";
import { RemainingWork, type ExpectedWork } from "./remaining-work.ts";

const REDRAW_MS = 250;
/** How often a phase that is still running says so where there is no screen. */
const HEARTBEAT_MS = 30_000;
const LINES_OF_LOG = 12;
const running = "…";
/** Width of a phase's state and time. */
const INDENT = 19;

interface Running {
  readonly title: string;
  readonly begun: number;
  note: string;
  /** How much of it is done, from 0 to 1. */
  done: number;
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
export function screenReporter(logs: string, out: NodeJS.WriteStream = process.stdout): ScreenReporter {
  return new Screen(logs, out);
}

/** A reporter that also says how long the whole takes. */
export interface ScreenReporter extends Reporter {
  /** Says about how long these phases take together, and from then on about how much is left of them. */
  announce(work: ExpectedWork): void;
}

class Screen implements ScreenReporter {
  readonly #logs: string;
  readonly #out: NodeJS.WriteStream;
  readonly #running = new Set<Running>();
  #ticker: NodeJS.Timeout | undefined;
  #drawnLines = 0;
  #work: RemainingWork | undefined;

  constructor(logs: string, out: NodeJS.WriteStream) {
    this.#logs = logs;
    this.#out = out;
  }

  announce(work: ExpectedWork): void {
    this.#work = new RemainingWork(work);
    if (!this.#work.isLong) return;
    this.#out.write(`The first start builds what cannot be downloaded: ${this.#work.left([])} on this machine.\n`);
  }

  async phase<T>(title: string, work: (log: PhaseLog) => Promise<T>): Promise<T> {
    const log = logFile(this.#logs, title);
    const phase: Running = { title, begun: Date.now(), note: "", done: 0, heard: Date.now() };
    this.#running.add(phase);
    this.#ticker ??= setInterval(() => this.#tick(), REDRAW_MS);
    try {
      const result = await work({
        path: log,
        note: (text) => (phase.note = firstLine(text)),
        progress: (done, of, what) => {
          phase.note = `${String(done)} of ${String(of)} ${what}`;
          phase.done = of === 0 ? 1 : done / of;
        },
      });
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
    this.#work?.end(phase.title);
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
    const silent = [...this.#running].filter(({ heard }) => Date.now() - heard >= HEARTBEAT_MS);
    for (const phase of silent) {
      phase.heard = Date.now();
      this.#out.write(`${summary(running, phase)}\n`);
    }
    const left = this.#left();
    if (silent.length > 0 && left !== undefined) this.#out.write(`${left}\n`);
  }

  /** What is left of the announced work, if that is long. */
  #left(): string | undefined {
    return this.#work?.isLong === true ? `${" ".repeat(INDENT)}${this.#work.left([...this.#running])} left` : undefined;
  }

  #draw(): void {
    if (!this.#out.isTTY) return;
    const shown = [...this.#running].map((phase) => summary(running, phase));
    const left = this.#left();
    if (left !== undefined && shown.length > 0) shown.push(left);
    const lines = shown.map((line) => line.slice(0, (this.#out.columns || 80) - 1));
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
