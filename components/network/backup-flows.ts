import { redis, redisBackup, redisRestore } from "../redis/endpoint.ts";
import { snapshots, typesense, typesenseBackup, typesenseRestore } from "../typesense/endpoint.ts";
import type { Flow, Foreign } from "./endpoint.ts";
import { only } from "./ends.ts";

/** Connections of the Jobs that back up Redis and restore it. */
export const redisBackupFlows = (store: Foreign): readonly Flow[] => [
  {
    from: redisBackup,
    to: only(redis, "redis"),
    egress: "allow-backup-to-redis",
    ingress: "allow-redis-from-backup",
    reason: "A backup reads the keys of every master.",
  },
  {
    from: redisBackup,
    to: store,
    egress: "allow-backup-to-object-store",
    reason: "A backup is copied to the object store.",
  },
  {
    from: redisRestore,
    to: only(redis, "redis"),
    egress: "allow-restore-to-redis",
    ingress: "allow-redis-from-restore",
    reason: "A restore writes the keys of a backup.",
  },
  {
    from: redisRestore,
    to: store,
    egress: "allow-restore-to-object-store",
    reason: "A restore reads the backup from the object store.",
  },
];

/** Connections of the Jobs that back up Typesense and restore it. */
export const typesenseBackupFlows = (store: Foreign): readonly Flow[] => [
  {
    from: typesenseBackup,
    to: typesense,
    egress: "allow-backup-to-typesense",
    ingress: "allow-typesense-from-backup",
    reason: "A backup has a node write a snapshot of its data.",
  },
  {
    from: typesenseBackup,
    to: snapshots,
    egress: "allow-backup-to-typesense",
    ingress: "allow-typesense-from-backup",
    reason: "A backup fetches the snapshot from the node.",
  },
  {
    from: typesenseBackup,
    to: store,
    egress: "allow-backup-to-object-store",
    reason: "A backup is copied to the object store.",
  },
  {
    from: typesenseRestore,
    to: store,
    egress: "allow-restore-to-object-store",
    reason: "A restore reads the backup from the object store.",
  },
];
