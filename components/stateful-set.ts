import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { commonLabels } from "./names.ts";
import type { Endpoint } from "./network/endpoint.ts";
import { restrictedPod } from "./pod.ts";
import type { PodPlan } from "./pod.ts";
import type { Storage } from "./storage.ts";

export interface StatefulSetArgs {
  readonly endpoint: Endpoint;
  /** Name of the headless Service that gives the pods their names. */
  readonly serviceName: string;
  readonly replicas: number;
  /** Pods that run, fewer than there are volumes if some are switched off. @default all */
  readonly running?: number;
  readonly pod: PodPlan;
  readonly storage: Storage;
  /** Size of each pod's volume `data`. */
  readonly size: string;
  /** Seconds a pod has to be ready before the next one is rolled. @default 0 */
  readonly minReadySeconds?: number;
  /** Why it may not have fewer pods than it has. @default it may */
  readonly keepsPods?: string;
  /** Why it may not have several pods when it has one. @default it may */
  readonly staysAlone?: string;
  /** What has to be there before its pods: what they mount. */
  readonly after: readonly pulumi.Resource[];
}

interface Scaled {
  readonly spec?: { readonly replicas?: number };
}

/**
 * @param before inputs of the StatefulSet as it is
 * @param after inputs of the StatefulSet as it is to become
 * @throws Error if pods would be taken away
 */
export function refuseFewerPods(name: string, reason: string, before: Scaled, after: Scaled): void {
  const [now, wanted] = [before.spec?.replicas ?? 0, after.spec?.replicas ?? 0];
  if (wanted < now) {
    throw new Error(`${name} has ${String(now)} pods and cannot have ${String(wanted)}: ${reason}`);
  }
}

/** @throws Error if a single pod would become several; see {@link refuseFewerPods} */
export function refuseCompany(name: string, reason: string, before: Scaled, after: Scaled): void {
  const [now, wanted] = [before.spec?.replicas ?? 0, after.spec?.replicas ?? 0];
  if (now === 1 && wanted > 1) throw new Error(`${name} has 1 pod and cannot have ${String(wanted)}: ${reason}`);
}

function podGuard(name: string, { keepsPods, staysAlone }: StatefulSetArgs): pulumi.ResourceHook {
  return new pulumi.ResourceHook(
    `${name}-refuse-fewer-pods`,
    ({ oldInputs, newInputs }) => {
      const [before, after] = [oldInputs as Scaled, newInputs as Scaled];
      if (keepsPods !== undefined) refuseFewerPods(name, keepsPods, before, after);
      if (staysAlone !== undefined) refuseCompany(name, staysAlone, before, after);
    },
    { onDryRun: true },
  );
}

/** Pods with names and volumes of their own. Volumes stay whatever becomes of the pods. */
export function statefulSet(
  name: string,
  args: StatefulSetArgs,
  opts: pulumi.CustomResourceOptions,
): k8s.apps.v1.StatefulSet {
  const { endpoint, replicas, running = replicas, storage, size, minReadySeconds, after } = args;
  const { namespace, pods } = endpoint;
  const metadata = { name, namespace, labels: { ...commonLabels, ...pods } };
  const volumes = Array.from({ length: replicas }, (_, ordinal) =>
    storage.claim(`${name}-${String(ordinal)}`, namespace, size, opts),
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
        // In order, a pod that cannot start would keep its peers, or its own mended successor, from being made.
        podManagementPolicy: "Parallel",
        updateStrategy: { type: "RollingUpdate" },
        ...(minReadySeconds !== undefined && { minReadySeconds }),
        persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
        template: restrictedPod(args.pod),
        volumeClaimTemplates: [storage.template(size)],
      },
    },
    {
      ...opts,
      // The controller would make the volumes itself if it came first; the pods need the rest.
      dependsOn: [...volumes, ...after],
      // Immutable, and only a template: the claims are resources of their own.
      ignoreChanges: ["spec.volumeClaimTemplates"],
      ...((args.keepsPods ?? args.staysAlone) !== undefined && { hooks: { beforeUpdate: [podGuard(name, args)] } }),
      customTimeouts: { create: "20m", update: "20m", delete: "10m" },
    },
  );
}

/** The names in DNS of a StatefulSet's pods, in their order. */
export const podHosts = (name: string, serviceName: string, namespace: string, replicas: number): string[] =>
  Array.from(
    { length: replicas },
    (_, ordinal) => `${name}-${String(ordinal)}.${serviceName}.${namespace}.svc.cluster.local`,
  );
