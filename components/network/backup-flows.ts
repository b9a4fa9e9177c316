import { redis, redisBackup, redisRestore } from "../redis/endpoint.ts";
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
