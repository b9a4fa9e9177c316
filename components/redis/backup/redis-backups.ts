import * as pulumi from "@pulumi/pulumi";
import path from "node:path";
import { readFiles } from "../../config-files.ts";
import { backupJobs } from "../../object-store/backup-jobs.ts";
import { storeLogin } from "../../object-store/login.ts";
import type { Destination } from "../../object-store/transfer.ts";
import { redis } from "../endpoint.ts";
import { backupName, backupPod, restoreName, restorePod, store } from "./pods.ts";
import type { BackupPodArgs } from "./pods.ts";

export interface RedisBackupsArgs extends Omit<BackupPodArgs, "login">, Destination {}

/** Backups of Redis in the object store. */
export class RedisBackups extends pulumi.ComponentResource {
  constructor(name: string, args: RedisBackupsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:RedisBackups", name, {}, opts);
    const { settings, objectStore } = args;
    const own = { parent: this };
    const { namespace } = redis;
    const { secret, made } = storeLogin(namespace, args, own);
    const pods = { ...args, login: secret };
    backupJobs(
      {
        ...{ namespace, objectStore, store, settings: settings.backup, dependsOn: made },
        scripts: {
          ...readFiles(path.join(import.meta.dirname, ".."), ["common.sh"]),
          ...readFiles(import.meta.dirname, ["dump.sh", "restore.sh", "move-slots.lua"]),
        },
        backup: { name: backupName, pod: backupPod(pods) },
        restore: { name: restoreName, pod: restorePod(pods) },
      },
      own,
    );
    this.registerOutputs();
  }
}
