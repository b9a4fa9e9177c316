import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { commonLabels } from "./names.ts";
import type { Namespace } from "./names.ts";
import { restrictedJobPod } from "./pod.ts";
import type { JobPodArgs } from "./pod.ts";

export interface InitJobArgs {
  readonly namespace: Namespace;
  /** Must be idempotent. Its checksums must cover everything it reads: a changed checksum reruns the Job. */
  readonly pod: JobPodArgs;
  /** Overall deadline in seconds, retries included. @default 900 */
  readonly deadline?: number;
}

/**
 * A Job with a fixed name that brings a store into the declared state. A changed pod template replaces and reruns it.
 * It has no TTL: a refresh would find the deleted Job missing, and the next `up` would run it again.
 */
export function initJob(name: string, args: InitJobArgs, opts: pulumi.CustomResourceOptions): k8s.batch.v1.Job {
  const { namespace, pod, deadline = 900 } = args;
  return new k8s.batch.v1.Job(
    name,
    {
      metadata: { name, namespace, labels: { ...commonLabels, ...pod.labels } },
      spec: { backoffLimit: 3, activeDeadlineSeconds: deadline, template: restrictedJobPod(pod) },
    },
    {
      ...opts,
      deleteBeforeReplace: true,
      customTimeouts: { create: `${String(deadline + 60)}s`, update: `${String(deadline + 60)}s` },
    },
  );
}
