import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, copyFileSync, mkdirSync, openSync, statSync, truncateSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** One component of the cluster: its command and its readiness check. */
export interface ServiceDefinition {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  readonly env?: Readonly<Record<string, string>>;
  /** Names of services that must be ready before this one starts. */
  readonly after: readonly string[];
  /** Readiness check; a rejection means not ready. */
  readonly isReady: () => Promise<boolean>;
  /** Time between SIGTERM and SIGKILL. @default 5000 */
  readonly stopTimeoutMs?: number;
}

export interface ServiceStatus {
  readonly name: string;
  readonly state: "waiting" | "starting" | "ready" | "restarting" | "stopped";
  readonly pid?: number;
  /** Number of restarts after unexpected exits. */
  readonly restarts: number;
  /** Reason of the last unexpected exit, e.g. "signal SIGKILL". */
  readonly lastExit?: string;
}

const POLL_MS = 100;
const INITIAL_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 10_000;
/** Uptime after which the backoff is reset. */
const BACKOFF_RESET_MS = 60_000;
const MAX_LOG_BYTES = 10 * 1024 * 1024;

/** A supervised process: restarted on exit between `run` and `stop`, with its output in a rotated log. */
export class Service {
  readonly definition: ServiceDefinition;
  readonly #logFile: string;
  readonly #onChange: () => void;
  #status: ServiceStatus;
  #process: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #stopping = false;

  /** `onChange` is called after every change of `status`. */
  constructor(definition: ServiceDefinition, logDirectory: string, onChange: () => void) {
    this.definition = definition;
    this.#logFile = path.join(logDirectory, `${definition.name}.log`);
    this.#onChange = onChange;
    this.#status = { name: definition.name, state: "waiting", restarts: 0 };
  }

  get status(): ServiceStatus {
    return this.#status;
  }

  /** Starts the process and restarts it on every exit; resolves when it is first ready. */
  async run(): Promise<void> {
    this.#launch(INITIAL_BACKOFF_MS);
    while (this.#status.state !== "ready" && !this.#stopping) await sleep(POLL_MS);
  }

  /** Sends SIGTERM, then SIGKILL after the stop timeout. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const process = this.#process;
    if (process !== undefined) {
      process.kill("SIGTERM");
      const timer = setTimeout(() => process.kill("SIGKILL"), this.definition.stopTimeoutMs ?? 5000);
      await this.#exited;
      clearTimeout(timer);
    }
    this.#set({ state: "stopped" });
  }

  /** Rotates the log at 10 MiB and keeps one older file. */
  rotateLog(): void {
    const size = statSync(this.#logFile, { throwIfNoEntry: false })?.size ?? 0;
    if (size < MAX_LOG_BYTES) return;
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
    this.#exited = new Promise((resolve) => {
      const onExit = (reason: string) => {
        if (this.#process !== child) return;
        this.#process = undefined;
        const isStable = Date.now() - started > BACKOFF_RESET_MS;
        if (!this.#stopping) this.#restart(reason, isStable ? INITIAL_BACKOFF_MS : backoffMs);
        resolve();
      };
      child.once("exit", (code, signal) => onExit(signal === null ? `exit code ${code}` : `signal ${signal}`));
      child.once("error", (error) => onExit(error.message));
    });
    void this.#watchReadiness(child);
  }

  #restart(reason: string, backoffMs: number): void {
    this.#set({ state: "restarting", pid: undefined, restarts: this.#status.restarts + 1, lastExit: reason });
    setTimeout(() => {
      if (!this.#stopping) this.#launch(Math.min(backoffMs * 2, MAX_BACKOFF_MS));
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
    this.#onChange();
  }
}
