import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import path from "node:path";
import { readFiles } from "../../config-files.ts";
import { cronJob } from "../../cron-job.ts";
import { commonLabels } from "../../names.ts";
import { storeLogin } from "../../object-store/login.ts";
import { redis } from "../endpoint.ts";
import { backupName, backupPod, directory, restoreName, restorePod } from "./pods.ts";
import type { BackupPodArgs } from "./pods.ts";

/** What `npm run backups` has to know, as annotations of the CronJob: the command reads only the cluster. */
export const backupAnnotations = {
  maxAge: "bana-data-layer/max-backup-age-hours",
  place: "bana-data-layer/backup-place",
} as const;

const ownFiles = ["dump.sh", "upload.sh", "download.sh", "restore.sh", "move-slots.lua"] as const;

/** Seconds for all attempts. */
const deadline = 4 * 3600;

/** Backups of Redis in the object store: Jobs on a schedule, and a template for the Job that restores one. */
export class RedisBackups extends pulumi.ComponentResource {
  constructor(name: string, args: Omit<BackupPodArgs, "login">, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:RedisBackups", name, {}, opts);
    const { settings, store } = args;
    const own = { parent: this };
    const { namespace } = redis;
    const { secret, made } = storeLogin(namespace, store, own);
    const scripts = new k8s.core.v1.ConfigMap(
      backupName,
      {
        metadata: { name: backupName, namespace, labels: commonLabels },
        data: {
          ...readFiles(path.join(import.meta.dirname, ".."), ["common.sh"]),
          ...readFiles(import.meta.dirname, ownFiles),
        },
      },
      own,
    );
    const annotations = {
      [backupAnnotations.maxAge]: String(settings.backup.maxAge),
      [backupAnnotations.place]: `s3://${directory(store)}`,
    };
    const pods = { ...args, login: secret };
    const needed = { ...own, dependsOn: [scripts, ...made] };
    cronJob(
      backupName,
      {
        namespace,
        pod: backupPod(pods),
        schedule: settings.backup.schedule,
        deadline,
        retries: 1,
        annotations,
      },
      needed,
    );
    // A second attempt would find the keys of the first.
    cronJob(restoreName, { namespace, pod: restorePod(pods), schedule: "never", deadline, retries: 0 }, needed);
    this.registerOutputs();
  }
}
