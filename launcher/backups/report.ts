/** What `npm run backups` says, whatever the store is. Pure data. */

export type BackupState = "completed" | "running" | "failed";

export interface BaseBackup {
  readonly name: string;
  readonly started?: string;
  readonly seconds?: number;
  readonly state: BackupState;
  /** Why it failed. */
  readonly error?: string;
}

/** Order of backups in a report. */
export const newestFirst = (a: BaseBackup, b: BaseBackup): number => ((a.started ?? "") < (b.started ?? "") ? 1 : -1);

/** The backups of one server. */
export interface ServerReport {
  /** "PostgreSQL", "Redis" */
  readonly store: string;
  /** Name of the server, and of its directory in the object store. */
  readonly server: string;
  /** `stopped` and `deleted` ones take no backups; those they have taken are still there. */
  readonly state: "running" | "stopped" | "deleted";
  /** What can be had back: what the store had at any moment between `first` and `last`, or at each backup. */
  readonly restores: "any moment" | "each backup";
  /** Where its backups are: `s3://BUCKET/PATH/SERVER`. */
  readonly place: string;
  /** Newest first. */
  readonly backups: readonly BaseBackup[];
  /** The first moment that can be recovered to. Unset: there is none. */
  readonly first?: string;
  /** The last moment that can be recovered to. Unset: it is not known. */
  readonly last?: string;
  /** Age of the last archived change log in seconds. Unset: the store has none, or it is not known. */
  readonly logAge?: number;
  /** What is wrong, each with the command that fixes it or shows its cause. */
  readonly problems: readonly string[];
}
