/** What `npm run restore` is asked to do. */
export interface RestoreOptions {
  /** Name of the backup, or "latest". */
  readonly from: string;
  /** Also if the store has data. */
  readonly intoExisting: boolean;
}
