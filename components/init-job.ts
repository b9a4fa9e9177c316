import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { commonLabels } from "./names.ts";
import type { Namespace } from "./names.ts";
import { restrictedJobPod } from "./pod.ts";
import type { JobPodPlan } from "./pod.ts";

export interface InitJobArgs {
  readonly namespace: Namespace;
  /** What it does has to be idempotent. Its checksums have to cover all that it reads: a change of them runs it again. */
  readonly pod: JobPodPlan;
  /** Seconds in which it must have ended well, all tries together. @default 900 */
  readonly deadline?: number;
}

/**
 * A Job that brings a store into the declared state, under a fixed name. A changed pod template replaces it, which is how it is run
 * again. It stays when it is done: one that removed itself would be missing at the next refresh, and be run by the next `up`.
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
