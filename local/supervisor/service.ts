import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, copyFileSync, mkdirSync, openSync, statSync, truncateSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** What one server of the cluster is: how to run it, and how to know that it serves. */
export interface ServiceDefinition {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  readonly env?: Readonly<Record<string, string>>;
  /** Names of services that must be ready before this one is started. */
  readonly after: readonly string[];
  /** Whether the server serves; a rejection means no. */
  readonly isReady: () => Promise<boolean>;
  /** How long it may take to end after SIGTERM before it is killed. @default 5000 */
  readonly stopTimeoutMs?: number;
}

export interface ServiceStatus {
  readonly name: string;
  readonly state: "waiting" | "starting" | "ready" | "restarting" | "stopped";
  readonly pid?: number;
  /** How often it was started again because it ended by itself. */
  readonly restarts: number;
  /** How it last ended by itself, e.g. "signal SIGKILL". */
  readonly lastEnd?: string;
}

const POLL_MS = 100;
const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 10_000;
/** A process that lived this long starts again without the backoff of earlier failures. */
const STEADY_MS = 60_000;
const LOG_LIMIT_BYTES = 10 * 1024 * 1024;

/** One supervised server: kept running from `run` to `stop`, its output appended to a log of bounded size. */
export class Service {
  readonly definition: ServiceDefinition;
  readonly #logFile: string;
  readonly #changed: () => void;
  #status: ServiceStatus;
  #process: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #stopping = false;

  /** `changed` is called whenever `status` is another. */
  constructor(definition: ServiceDefinition, logDirectory: string, changed: () => void) {
    this.definition = definition;
    this.#logFile = path.join(logDirectory, `${definition.name}.log`);
    this.#changed = changed;
    this.#status = { name: definition.name, state: "waiting", restarts: 0 };
  }

  get status(): ServiceStatus {
    return this.#status;
  }

  /** Starts the server and starts it again whenever it ends; resolves when it is ready for the first time. */
  async run(): Promise<void> {
    this.#launch(FIRST_BACKOFF_MS);
    while (this.#status.state !== "ready" && !this.#stopping) await sleep(POLL_MS);
  }

  /** Ends the server: SIGTERM, and SIGKILL when its time is over. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const process = this.#process;
    if (process !== undefined) {
      process.kill("SIGTERM");
      const timer = setTimeout(() => process.kill("SIGKILL"), this.definition.stopTimeoutMs ?? 5000);
      await this.#ended;
      clearTimeout(timer);
    }
    this.#set({ state: "stopped" });
  }

  /** Cuts the log when it has grown over 10 MiB; what it held stays in one older file beside it. */
  boundLog(): void {
    const size = statSync(this.#logFile, { throwIfNoEntry: false })?.size ?? 0;
    if (size < LOG_LIMIT_BYTES) return;
    copyFileSync(this.#logFile, `${this.#logFile}.1`);
    truncateSync(this.#logFile, 0);
  }

  #launch(backoffMs: number): void {
    const { command, env } = this.definition;
    const [program, ...args] = command;
    mkdirSync(path.dirname(this.#logFile), { recursive: true });
    const log = openSync(this.#logFile, "a", 0o600);
    const started = Date.now();
    const child = spawn(program, args, { stdio: ["ignore", log, log], env: { ...process.env, ...env } });
    closeSync(log);
    this.#process = child;
    this.#set({ state: "starting", pid: child.pid });
    this.#ended = new Promise((resolve) => {
      const ended = (how: string) => {
        if (this.#process !== child) return;
        this.#process = undefined;
        if (!this.#stopping) this.#restart(how, Date.now() - started > STEADY_MS ? FIRST_BACKOFF_MS : backoffMs);
        resolve();
      };
      child.once("exit", (code, signal) => ended(signal === null ? `exit code ${code}` : `signal ${signal}`));
      child.once("error", (error) => ended(error.message));
    });
    void this.#watchReadiness(child);
  }

  #restart(how: string, backoffMs: number): void {
    this.#set({ state: "restarting", pid: undefined, restarts: this.#status.restarts + 1, lastEnd: how });
    setTimeout(() => {
      if (!this.#stopping) this.#launch(Math.min(backoffMs * 2, LONGEST_BACKOFF_MS));
    }, backoffMs);
  }

  async #watchReadiness(child: ChildProcess): Promise<void> {
    while (this.#process === child && !this.#stopping) {
      const isReady = await this.definition.isReady().catch(() => false);
      if (isReady && this.#process === child && !this.#stopping) {
        this.#set({ state: "ready" });
        return;
      }
      await sleep(POLL_MS);
    }
  }

  #set(change: Partial<ServiceStatus>): void {
    this.#status = { ...this.#status, ...change };
    this.#changed();
  }
}
