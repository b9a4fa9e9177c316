import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { commonLabels } from "./names.ts";
import type { Namespace } from "./names.ts";
import { restrictedJobPod } from "./pod.ts";
import type { JobPodArgs } from "./pod.ts";

export interface CronJobArgs {
  readonly namespace: Namespace;
  readonly pod: JobPodArgs;
  /** Minute, hour, day of month, month and day of week, in UTC. `never`: a template for Jobs that are started by hand. */
  readonly schedule: string;
  /** Seconds for all attempts of one Job. */
  readonly deadline: number;
  /** Attempts after the first. */
  readonly retries: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Jobs on a schedule, one at a time. The last ones stay in the cluster: `npm run backups` lists them. */
export function cronJob(name: string, args: CronJobArgs, opts: pulumi.CustomResourceOptions): k8s.batch.v1.CronJob {
  const { namespace, pod, schedule, deadline, retries, annotations } = args;
  const labels = { ...commonLabels, ...pod.labels };
  const isTemplate = schedule === "never";
  return new k8s.batch.v1.CronJob(
    name,
    {
      metadata: { name, namespace, labels, ...(annotations && { annotations }) },
      spec: {
        schedule: isTemplate ? "0 0 1 1 *" : schedule,
        suspend: isTemplate,
        timeZone: "Etc/UTC",
        concurrencyPolicy: "Forbid",
        // A Job that was due while no controller ran still runs if that is less than an hour ago.
        startingDeadlineSeconds: 3600,
        successfulJobsHistoryLimit: 10,
        failedJobsHistoryLimit: 3,
        jobTemplate: {
          metadata: { labels },
          spec: { backoffLimit: retries, activeDeadlineSeconds: deadline, template: restrictedJobPod(pod) },
        },
      },
    },
    opts,
  );
}
