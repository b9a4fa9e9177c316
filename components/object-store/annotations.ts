/** What `npm run backups` and `npm run restore` have to know, as annotations of the CronJobs: they read only the cluster. */
export const backupAnnotations = {
  /** Hours. */
  maxAge: "bana-data-layer/max-backup-age-hours",
  place: "bana-data-layer/backup-place",
  /** Number of nodes that each need the backup. */
  nodes: "bana-data-layer/nodes",
} as const;
