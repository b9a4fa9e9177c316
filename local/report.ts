/** Log and progress of one phase. */
export interface PhaseLog {
  /** Log file of the phase; the output of its commands is appended to it. */
  readonly path: string;
  /** Shows in a few words what the phase is doing. */
  note(text: string): void;
  /** Shows progress: `done` of `of` items, for example "packages compiled". */
  progress(done: number, of: number, what: string): void;
}

/** Shows progress to the user. Independent phases run in parallel. */
export interface Reporter {
  /** Runs `work` as a phase with this title and its own log file; settles as `work` does. */
  phase<T>(title: string, work: (log: PhaseLog) => Promise<T>): Promise<T>;
  /** Prints lines that stay on the screen. */
  warn(lines: readonly string[]): void;
}
