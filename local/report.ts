/** Where the work of one phase is written down. */
export interface PhaseLog {
  /** The phase's log file: the output of the commands it runs is appended here. */
  readonly path: string;
  /** Says in a few words what the phase is doing now, to whoever watches. */
  note(text: string): void;
  /** Says how far the phase is: so many of so many, for example "packages compiled". */
  progress(done: number, of: number, what: string): void;
}

/** Shows a person how far the work is. Phases may overlap: independent ones run side by side. */
export interface Reporter {
  /** Runs `work` as a phase of this title, with its own log file; its outcome is that of `work`. */
  phase<T>(title: string, work: (log: PhaseLog) => Promise<T>): Promise<T>;
}
