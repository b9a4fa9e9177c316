import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { BackupJobSettings, ObjectStoreInUse } from "../../settings.ts";
import type { Files } from "../config-files.ts";
import { cronJob } from "../cron-job.ts";
import { commonLabels } from "../names.ts";
import type { Namespace } from "../names.ts";
import type { JobPodArgs } from "../pod.ts";
import { backupAnnotations } from "./annotations.ts";
import { directoryOf } from "./rclone.ts";
import { transferScripts } from "./transfer.ts";

/** Seconds for all attempts. */
const deadline = 4 * 3600;

export interface BackupJobsArgs {
  readonly namespace: Namespace;
  readonly objectStore: ObjectStoreInUse;
  /** "redis": its directory in the object store. */
  readonly store: string;
  readonly settings: BackupJobSettings;
  /** Scripts of the pods beside those that copy. They mount the ConfigMap `backup.name`. */
  readonly scripts: Files;
  readonly backup: { readonly name: string; readonly pod: JobPodArgs };
  readonly restore: {
    readonly name: string;
    readonly pod: JobPodArgs;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  /** What the pods need to start, beside their scripts. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** Jobs that back a store up on a schedule, and a template for the Job that restores a backup. */
export function backupJobs(args: BackupJobsArgs, opts: pulumi.CustomResourceOptions): void {
  const { namespace, objectStore, store, settings, backup, restore } = args;
  const scripts = new k8s.core.v1.ConfigMap(
    backup.name,
    {
      metadata: { name: backup.name, namespace, labels: commonLabels },
      data: { ...args.scripts, ...transferScripts() },
    },
    opts,
  );
  const needed = { ...opts, dependsOn: [scripts, ...args.dependsOn] };
  const annotations = {
    [backupAnnotations.maxAge]: String(settings.maxAge),
    [backupAnnotations.place]: `s3://${directoryOf(objectStore, store)}`,
  };
  const { schedule } = settings;
  cronJob(backup.name, { namespace, pod: backup.pod, schedule, deadline, retries: 1, annotations }, needed);
  // A second attempt would find what the first has written.
  cronJob(restore.name, { ...restore, namespace, schedule: "never", deadline, retries: 0 }, needed);
}
