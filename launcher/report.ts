/** Shows phases on standard output: live lines on a terminal, plain lines otherwise. */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import path from "node:path";
import type { PhaseLog, Reporter } from "../local/report.ts";
import { RemainingWork, type ExpectedWork } from "./remaining-work.ts";

const REDRAW_MS = 250;
/** Interval at which a running phase prints a line where there is no terminal. */
const HEARTBEAT_MS = 30_000;
const LOG_LINES = 12;
const RUNNING = "…";
/** Width of the columns for state and time. */
const INDENT = 19;

interface RunningPhase {
  readonly title: string;
  readonly startedAt: number;
  note: string;
  /** Fraction that is done, from 0 to 1. */
  done: number;
  /** When its last line was printed, in milliseconds. Used where there is no terminal. */
  printedAt: number;
}

const shown = new WeakSet<Error>();

/** Whether a phase has already shown this error and its log. */
export function wasShown(error: unknown): boolean {
  return error instanceof Error && shown.has(error);
}

/**
 * A reporter that writes to standard output.
 * @param logs directory of the phases' log files; each phase truncates its own
 */
export function screenReporter(logs: string, out: NodeJS.WriteStream = process.stdout): ScreenReporter {
  return new Screen(logs, out);
}

/** A reporter that also estimates the total time. */
export interface ScreenReporter extends Reporter {
  /** Prints an estimate of these phases' total time, and from then on of the remaining time. */
  announce(work: ExpectedWork): void;
}

class Screen implements ScreenReporter {
  readonly #logs: string;
  readonly #out: NodeJS.WriteStream;
  readonly #running = new Set<RunningPhase>();
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
    this.#out.write(`Building what cannot be downloaded takes ${this.#work.left([])} on this machine.\n`);
  }

  async phase<T>(title: string, work: (log: PhaseLog) => Promise<T>): Promise<T> {
    const log = logFile(this.#logs, title);
    const phase: RunningPhase = { title, startedAt: Date.now(), note: "", done: 0, printedAt: Date.now() };
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

  warn(lines: readonly string[]): void {
    this.#print(lines);
  }

  #end(phase: RunningPhase, lines: string[]): void {
    this.#running.delete(phase);
    this.#work?.end(phase.title);
    this.#print(lines);
    if (this.#running.size > 0) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }

  /** Prints lines above those of the running phases. */
  #print(lines: readonly string[]): void {
    this.#erase();
    this.#out.write(`${lines.join("\n")}\n`);
    this.#draw();
  }

  #tick(): void {
    if (this.#out.isTTY) {
      this.#erase();
      this.#draw();
      return;
    }
    const silent = [...this.#running].filter(({ printedAt }) => Date.now() - printedAt >= HEARTBEAT_MS);
    for (const phase of silent) {
      phase.printedAt = Date.now();
      this.#out.write(`${summary(RUNNING, phase)}\n`);
    }
    const left = this.#left();
    if (silent.length > 0 && left !== undefined) this.#out.write(`${left}\n`);
  }

  /** The remaining time of the announced work, if that is long. */
  #left(): string | undefined {
    return this.#work?.isLong === true ? `${" ".repeat(INDENT)}${this.#work.left([...this.#running])} left` : undefined;
  }

  #draw(): void {
    if (!this.#out.isTTY) return;
    const phaseLines = [...this.#running].map((phase) => summary(RUNNING, phase));
    const left = this.#left();
    if (left !== undefined && phaseLines.length > 0) phaseLines.push(left);
    const lines = phaseLines.map((line) => line.slice(0, (this.#out.columns || 80) - 1));
    if (lines.length > 0) this.#out.write(`${lines.join("\n")}\n`);
    this.#drawnLines = lines.length;
  }

  #erase(): void {
    if (this.#drawnLines > 0) this.#out.write(`\x1b[${this.#drawnLines}A\x1b[0J`);
    this.#drawnLines = 0;
  }
}

function summary(state: string, { title, startedAt, note }: RunningPhase): string {
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  return `${state.padEnd(8)}${seconds.padStart(7)} s  ${title}${note === "" || state !== RUNNING ? "" : `: ${note}`}`;
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

/** The error message, followed by the end of the log unless the message already names the log. */
function explanation(error: unknown, log: string): string[] {
  const cause = error instanceof Error ? error.message : String(error);
  const text = existsSync(log) ? readFileSync(log, "utf8").trim() : "";
  const lines = cause.split("\n");
  if (text !== "" && !cause.includes(log)) {
    const remaining = text.split("\n").filter((line) => !cause.includes(line.trim()));
    lines.push(...remaining.slice(-LOG_LINES), `Log: ${log}`);
  }
  return lines.map(indented);
}

const indented = (line: string): string => `    ${line}`;
