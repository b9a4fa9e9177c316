import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { commonLabels } from "./names.ts";
import type { Endpoint } from "./network/endpoint.ts";
import { restrictedPod } from "./pod.ts";
import type { PodArgs } from "./pod.ts";
import type { VolumeClaims } from "./volume-claims.ts";

export interface StatefulSetArgs {
  readonly endpoint: Endpoint;
  /** Headless Service that gives the pods their DNS names. */
  readonly serviceName: string;
  readonly replicas: number;
  /** Pods to run; fewer than `replicas` leaves some volumes without a pod. @default replicas */
  readonly running?: number;
  readonly pod: PodArgs;
  readonly volumeClaims: VolumeClaims;
  /** Size of each pod's volume `data`. */
  readonly volumeSize: string;
  /** Seconds a pod must be ready before the rollout continues with the next one. @default 0 */
  readonly minReadySeconds?: number;
  /** Reason to refuse fewer pods. @default fewer pods are allowed */
  readonly scaleDownRefusal?: string;
  /** Reason to refuse several pods after a single one. @default several pods are allowed */
  readonly scaleUpFromOneRefusal?: string;
  /** What the pods need to start, such as the ConfigMaps they mount. */
  readonly dependsOn: readonly pulumi.Resource[];
}

interface Scaled {
  readonly spec?: { readonly replicas?: number };
}

/**
 * @param before inputs of the StatefulSet before the update
 * @param after inputs of the StatefulSet after the update
 * @throws Error if the update removes pods
 */
export function refuseScaleDown(name: string, reason: string, before: Scaled, after: Scaled): void {
  const [now, wanted] = [before.spec?.replicas ?? 0, after.spec?.replicas ?? 0];
  if (wanted < now) {
    throw new Error(`${name} has ${String(now)} pods and cannot be scaled down to ${String(wanted)}: ${reason}`);
  }
}

/** @throws Error if a single pod would become several; parameters as for {@link refuseScaleDown} */
export function refuseScaleUpFromOne(name: string, reason: string, before: Scaled, after: Scaled): void {
  const [now, wanted] = [before.spec?.replicas ?? 0, after.spec?.replicas ?? 0];
  if (now === 1 && wanted > 1) {
    throw new Error(`${name} has 1 pod and cannot be scaled up to ${String(wanted)}: ${reason}`);
  }
}

function scalingGuard(name: string, { scaleDownRefusal, scaleUpFromOneRefusal }: StatefulSetArgs): pulumi.ResourceHook {
  return new pulumi.ResourceHook(
    `${name}-refuse-fewer-pods`,
    ({ oldInputs, newInputs }) => {
      const [before, after] = [oldInputs as Scaled, newInputs as Scaled];
      if (scaleDownRefusal !== undefined) refuseScaleDown(name, scaleDownRefusal, before, after);
      if (scaleUpFromOneRefusal !== undefined) refuseScaleUpFromOne(name, scaleUpFromOneRefusal, before, after);
    },
    { onDryRun: true },
  );
}

/** A StatefulSet with one PersistentVolumeClaim per pod. The claims outlive the pods and the StatefulSet. */
export function statefulSet(
  name: string,
  args: StatefulSetArgs,
  opts: pulumi.CustomResourceOptions,
): k8s.apps.v1.StatefulSet {
  const { endpoint, replicas, running = replicas, volumeClaims, volumeSize, minReadySeconds } = args;
  const { namespace, pods } = endpoint;
  const metadata = { name, namespace, labels: { ...commonLabels, ...pods } };
  const claims = Array.from({ length: replicas }, (_, ordinal) =>
    volumeClaims.claim(`${name}-${String(ordinal)}`, namespace, volumeSize, opts),
  );
  if (replicas > 1) {
    new k8s.policy.v1.PodDisruptionBudget(
      name,
      { metadata, spec: { maxUnavailable: 1, selector: { matchLabels: pods } } },
      opts,
    );
  }
  return new k8s.apps.v1.StatefulSet(
    name,
    {
      metadata,
      spec: {
        serviceName: args.serviceName,
        replicas: running,
        selector: { matchLabels: pods },
        // With OrderedReady, a pod that cannot start would block the creation of its peers and its fixed replacement.
        podManagementPolicy: "Parallel",
        updateStrategy: { type: "RollingUpdate" },
        ...(minReadySeconds !== undefined && { minReadySeconds }),
        persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
        template: restrictedPod(args.pod),
        volumeClaimTemplates: [volumeClaims.template(volumeSize)],
      },
    },
    {
      ...opts,
      // The claims come first: otherwise the controller would create them.
      dependsOn: [...claims, ...args.dependsOn],
      // Immutable. A changed size goes to the claims, which are separate resources.
      ignoreChanges: ["spec.volumeClaimTemplates"],
      ...((args.scaleDownRefusal ?? args.scaleUpFromOneRefusal) !== undefined && {
        hooks: { beforeUpdate: [scalingGuard(name, args)] },
      }),
      customTimeouts: { create: "20m", update: "20m", delete: "10m" },
    },
  );
}

/** The DNS names of a StatefulSet's pods, by ordinal. */
export const podHosts = (name: string, serviceName: string, namespace: string, replicas: number): string[] =>
  Array.from(
    { length: replicas },
    (_, ordinal) => `${name}-${String(ordinal)}.${serviceName}.${namespace}.svc.cluster.local`,
  );
