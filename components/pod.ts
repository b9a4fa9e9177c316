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

/** The value of an environment variable: a plain one, a key of a Secret, or a field of the pod such as `status.podIP`. */
export type EnvironmentValue = string | { readonly secret: string; readonly key: string } | { readonly field: string };

/** A container that runs to its end: one that initializes a pod, or that of a Job. */
export interface InitContainerPlan {
  readonly name: string;
  readonly image: string;
  /** @default the image's entry point */
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, EnvironmentValue>>;
  readonly mounts: Mounts;
  readonly resources: ResourceSettings;
}

/** A container that serves. */
export interface ContainerPlan extends InitContainerPlan {
  readonly ports: Readonly<Record<string, number>>;
  readonly startupProbe: Probe;
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
  /** Runs in the container before it is told to stop by SIGTERM. */
  readonly preStop?: readonly string[];
}

/** A container beside the one that serves: there before it, and until after it. The serving one starts when this one has started. */
export type SidecarPlan = Omit<ContainerPlan, "ports" | "preStop">;

interface BasicPodPlan {
  readonly labels: Readonly<Record<string, string>>;
  /** Checksums of what the pod reads at its start only, by name: a change rolls the pod. */
  readonly checksums: Readonly<Record<string, pulumi.Input<string>>>;
  readonly pool: NodePool;
  /** Unprivileged user and group of all processes and files. */
  readonly user: number;
  /** Seconds between being told to stop and being killed. */
  readonly gracePeriod: number;
  /** Whether the containers' processes see each other, and the first one is none of theirs. @default false */
  readonly sharedProcesses?: boolean;
  readonly volumes: Readonly<Record<string, Volume>>;
  readonly initContainers: readonly InitContainerPlan[];
}

/** A pod that serves. */
export interface PodPlan extends BasicPodPlan {
  /** Labels of pods that should rather be on other nodes than each other. */
  readonly spread: Readonly<Record<string, string>>;
  readonly container: ContainerPlan;
  /** @default none */
  readonly sidecars?: readonly SidecarPlan[];
}

/** The pod of a Job. */
export interface JobPodPlan extends BasicPodPlan {
  readonly container: InitContainerPlan;
}

/** An empty folder on the node's disk. */
export const scratch = (size: string): Volume => ({ emptyDir: { sizeLimit: size } });

/** An empty folder in memory, counted against the container's limit. */
export const inMemory = (size: string): Volume => ({ emptyDir: { medium: "Memory", sizeLimit: size } });

/** The keys of a Secret as files that only the pod's group may read. */
export const secretFiles = (secretName: string): Volume => ({ secret: { secretName, defaultMode: 0o440 } });

/** The keys of a ConfigMap as files. */
export const configFiles = (name: string): Volume => ({ configMap: { name } });

function environmentVariable(name: string, value: EnvironmentValue): k8s.types.input.core.v1.EnvVar {
  if (typeof value === "string") return { name, value };
  if ("field" in value) return { name, valueFrom: { fieldRef: { fieldPath: value.field } } };
  return { name, valueFrom: { secretKeyRef: { name: value.secret, key: value.key } } };
}

function container(plan: InitContainerPlan, volumes: PodPlan["volumes"]): Container {
  const readOnly = (volume: string) =>
    volumes[volume]?.secret !== undefined || volumes[volume]?.configMap !== undefined;
  return {
    name: plan.name,
    image: plan.image,
    ...(plan.command && { command: [...plan.command] }),
    ...(plan.args && { args: [...plan.args] }),
    ...(plan.env && { env: Object.entries(plan.env).map(([name, value]) => environmentVariable(name, value)) }),
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

const probes = ({ startupProbe, readinessProbe, livenessProbe }: SidecarPlan) => ({
  startupProbe,
  readinessProbe,
  livenessProbe,
});

/** What all pods have in common: they satisfy the restricted Pod Security Standard, and ask nothing of the API server. */
function basis(plan: BasicPodPlan) {
  const { pool } = plan;
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
      ...(plan.sharedProcesses && { shareProcessNamespace: true }),
      ...(Object.keys(pool.nodeSelector).length > 0 && { nodeSelector: pool.nodeSelector }),
      ...(pool.tolerations.length > 0 && { tolerations: pool.tolerations }),
      ...(plan.initContainers.length > 0 && {
        initContainers: plan.initContainers.map((init) => container(init, plan.volumes)),
      }),
      volumes: Object.entries(plan.volumes).map(([name, source]) => ({ name, ...source })),
    },
  };
}

/** The template of a pod that serves. */
export function restrictedPod(plan: PodPlan): PodTemplateSpec {
  const { container: serving, sidecars = [] } = plan;
  const { metadata, spec } = basis(plan);
  return {
    metadata,
    spec: {
      ...spec,
      ...(sidecars.length > 0 && {
        initContainers: [
          ...(spec.initContainers ?? []),
          ...sidecars.map((sidecar) => ({
            ...container(sidecar, plan.volumes),
            restartPolicy: "Always",
            ...probes(sidecar),
          })),
        ],
      }),
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: "kubernetes.io/hostname",
          whenUnsatisfiable: "ScheduleAnyway",
          labelSelector: { matchLabels: plan.spread },
        },
      ],
      containers: [
        {
          ...container(serving, plan.volumes),
          ports: Object.entries(serving.ports).map(([name, containerPort]) => ({
            name,
            containerPort,
            protocol: "TCP",
          })),
          ...probes(serving),
          ...(serving.preStop && { lifecycle: { preStop: { exec: { command: [...serving.preStop] } } } }),
        },
      ],
    },
  };
}

/** The template of a Job's pod, whose container is tried again until it ends well or the Job gives up. */
export function restrictedJobPod(plan: JobPodPlan): PodTemplateSpec {
  const { metadata, spec } = basis(plan);
  return {
    metadata,
    spec: { ...spec, restartPolicy: "OnFailure", containers: [container(plan.container, plan.volumes)] },
  };
}
