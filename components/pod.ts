import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { NodePool, ResourceSettings } from "../settings.ts";
import { commonLabels } from "./names.ts";

type Container = k8s.types.input.core.v1.Container;
type Probe = k8s.types.input.core.v1.Probe;
type Volume = Omit<k8s.types.input.core.v1.Volume, "name">;
type PodTemplateSpec = k8s.types.input.core.v1.PodTemplateSpec;

/** Where a volume is mounted: path by name of the volume. */
export type Mounts = Readonly<Record<string, string>>;

/** A container that initializes a pod: it runs to its end before the next one starts. */
export interface InitContainerPlan {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly mounts: Mounts;
  readonly resources: ResourceSettings;
}

/** A container that serves. */
export interface ContainerPlan extends InitContainerPlan {
  readonly ports: Readonly<Record<string, number>>;
  readonly startupProbe: Probe;
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
  /** Runs in the container before it is told to stop. */
  readonly preStop: readonly string[];
}

export interface PodPlan {
  readonly labels: Readonly<Record<string, string>>;
  /** Checksums of what the pod reads at its start only, by name: a change rolls the pod. */
  readonly checksums: Readonly<Record<string, pulumi.Input<string>>>;
  readonly pool: NodePool;
  /** Labels of pods that should rather be on other nodes than each other. */
  readonly spread: Readonly<Record<string, string>>;
  /** Unprivileged user and group of all processes and files. */
  readonly user: number;
  /** Seconds between being told to stop and being killed. */
  readonly gracePeriod: number;
  readonly volumes: Readonly<Record<string, Volume>>;
  readonly initContainers: readonly InitContainerPlan[];
  readonly container: ContainerPlan;
}

/** An empty folder on the node's disk. */
export const scratch = (size: string): Volume => ({ emptyDir: { sizeLimit: size } });

/** An empty folder in memory, counted against the container's limit. */
export const inMemory = (size: string): Volume => ({ emptyDir: { medium: "Memory", sizeLimit: size } });

/** The keys of a Secret as files that only the pod's group may read. */
export const secretFiles = (secretName: string): Volume => ({ secret: { secretName, defaultMode: 0o440 } });

/** The keys of a ConfigMap as files. */
export const configFiles = (name: string): Volume => ({ configMap: { name } });

function container(plan: InitContainerPlan, volumes: PodPlan["volumes"]): Container {
  const readOnly = (volume: string) =>
    volumes[volume]?.secret !== undefined || volumes[volume]?.configMap !== undefined;
  return {
    name: plan.name,
    image: plan.image,
    command: [...plan.command],
    ...(plan.args && { args: [...plan.args] }),
    ...(plan.env && { env: Object.entries(plan.env).map(([name, value]) => ({ name, value })) }),
    resources: plan.resources,
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    },
    volumeMounts: Object.entries(plan.mounts).map(([name, mountPath]) => ({
      name,
      mountPath,
      ...(readOnly(name) && { readOnly: true }),
    })),
  };
}

/** A pod that satisfies the restricted Pod Security Standard, and asks nothing of the API server. */
export function restrictedPod(plan: PodPlan): PodTemplateSpec {
  const { container: serving, pool } = plan;
  return {
    metadata: {
      labels: { ...commonLabels, ...plan.labels },
      annotations: Object.fromEntries(
        Object.entries(plan.checksums).map(([name, value]) => [`checksum/${name}`, value]),
      ),
    },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: plan.user,
        runAsGroup: plan.user,
        fsGroup: plan.user,
        fsGroupChangePolicy: "OnRootMismatch",
        seccompProfile: { type: "RuntimeDefault" },
      },
      terminationGracePeriodSeconds: plan.gracePeriod,
      ...(Object.keys(pool.nodeSelector).length > 0 && { nodeSelector: pool.nodeSelector }),
      ...(pool.tolerations.length > 0 && { tolerations: pool.tolerations }),
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: "kubernetes.io/hostname",
          whenUnsatisfiable: "ScheduleAnyway",
          labelSelector: { matchLabels: plan.spread },
        },
      ],
      initContainers: plan.initContainers.map((init) => container(init, plan.volumes)),
      containers: [
        {
          ...container(serving, plan.volumes),
          ports: Object.entries(serving.ports).map(([name, containerPort]) => ({
            name,
            containerPort,
            protocol: "TCP",
          })),
          startupProbe: serving.startupProbe,
          readinessProbe: serving.readinessProbe,
          livenessProbe: serving.livenessProbe,
          lifecycle: { preStop: { exec: { command: [...serving.preStop] } } },
        },
      ],
      volumes: Object.entries(plan.volumes).map(([name, source]) => ({ name, ...source })),
    },
  };
}
