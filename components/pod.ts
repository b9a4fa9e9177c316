import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { NodePool, ResourceSettings } from "../settings.ts";
import { commonLabels } from "./names.ts";

type Container = k8s.types.input.core.v1.Container;
type Probe = k8s.types.input.core.v1.Probe;
type Volume = Omit<k8s.types.input.core.v1.Volume, "name">;
type PodTemplateSpec = k8s.types.input.core.v1.PodTemplateSpec;

/** Mount paths by volume name. */
export type Mounts = Readonly<Record<string, string>>;

/** Value of an environment variable: plain text, a key of a Secret, or a field of the pod such as `status.podIP`. */
export type EnvironmentValue = string | { readonly secret: string; readonly key: string } | { readonly field: string };

/** A container that runs to completion: an init container, or the container of a Job. */
export interface InitContainerArgs {
  readonly name: string;
  readonly image: string;
  /** @default the image's entry point */
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, EnvironmentValue>>;
  readonly mounts: Mounts;
  readonly resources: ResourceSettings;
}

/** The main container of a long-running pod. */
export interface ContainerArgs extends InitContainerArgs {
  readonly ports: Readonly<Record<string, number>>;
  readonly startupProbe: Probe;
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
  /** Runs in the container before SIGTERM. */
  readonly preStop?: readonly string[];
}

/** A sidecar: it starts before the main container, which waits for its startup probe, and stops after it. */
export type SidecarArgs = Omit<ContainerArgs, "ports" | "preStop">;

interface BasePodArgs {
  readonly labels: Readonly<Record<string, string>>;
  /** Checksums, by name, of what the pod reads only when it starts: a change restarts the pod. */
  readonly checksums: Readonly<Record<string, pulumi.Input<string>>>;
  readonly pool: NodePool;
  /** Unprivileged UID and GID of all processes and volumes. */
  readonly uid: number;
  /** Seconds between the start of termination and SIGKILL. */
  readonly gracePeriod: number;
  /** Share one process namespace, in which PID 1 is the pause container. @default false */
  readonly shareProcessNamespace?: boolean;
  readonly volumes: Readonly<Record<string, Volume>>;
  readonly initContainers: readonly InitContainerArgs[];
}

/** A long-running pod. */
export interface PodArgs extends BasePodArgs {
  /** Labels of the pods to spread over nodes. Best effort. */
  readonly spread: Readonly<Record<string, string>>;
  /** Spread them over zones too. @default false */
  readonly acrossZones?: boolean;
  readonly container: ContainerArgs;
  /** @default none */
  readonly sidecars?: readonly SidecarArgs[];
}

/** The pod of a Job. */
export interface JobPodArgs extends BasePodArgs {
  readonly container: InitContainerArgs;
  /** Keep a failed pod, with its logs, and try again in another one. @default its containers start again */
  readonly keepFailed?: boolean;
}

/** An emptyDir on the node's disk. */
export const scratch = (size: string): Volume => ({ emptyDir: { sizeLimit: size } });

/** An emptyDir in memory, which counts against the container's memory limit. */
export const inMemory = (size: string): Volume => ({ emptyDir: { medium: "Memory", sizeLimit: size } });

/** A Secret's keys as files that only the pod's group can read. */
export const secretFiles = (secretName: string): Volume => ({ secret: { secretName, defaultMode: 0o440 } });

/** The volume of a claim, which cannot be deleted while such a pod is listed, even if it has ended. */
export const claimed = (claimName: string): Volume => ({ persistentVolumeClaim: { claimName } });

export const configFiles = (name: string): Volume => ({ configMap: { name } });

function environmentVariable(name: string, value: EnvironmentValue): k8s.types.input.core.v1.EnvVar {
  if (typeof value === "string") return { name, value };
  if ("field" in value) return { name, valueFrom: { fieldRef: { fieldPath: value.field } } };
  return { name, valueFrom: { secretKeyRef: { name: value.secret, key: value.key } } };
}

function container(args: InitContainerArgs, volumes: PodArgs["volumes"]): Container {
  const readOnly = (volume: string) =>
    volumes[volume]?.secret !== undefined || volumes[volume]?.configMap !== undefined;
  return {
    name: args.name,
    image: args.image,
    ...(args.command && { command: [...args.command] }),
    ...(args.args && { args: [...args.args] }),
    ...(args.env && { env: Object.entries(args.env).map(([name, value]) => environmentVariable(name, value)) }),
    resources: args.resources,
    // Why a container failed is then in the pod's status, which `npm run status` prints.
    terminationMessagePolicy: "FallbackToLogsOnError",
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    },
    volumeMounts: Object.entries(args.mounts).map(([name, mountPath]) => ({
      name,
      mountPath,
      ...(readOnly(name) && { readOnly: true }),
    })),
  };
}

const probes = ({ startupProbe, readinessProbe, livenessProbe }: SidecarArgs) => ({
  startupProbe,
  readinessProbe,
  livenessProbe,
});

/** Common to all pods: the restricted Pod Security Standard, and no access to the API server. */
function basePod(args: BasePodArgs) {
  const { pool } = args;
  return {
    metadata: {
      labels: { ...commonLabels, ...args.labels },
      annotations: Object.fromEntries(
        Object.entries(args.checksums).map(([name, value]) => [`checksum/${name}`, value]),
      ),
    },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: args.uid,
        runAsGroup: args.uid,
        fsGroup: args.uid,
        fsGroupChangePolicy: "OnRootMismatch",
        seccompProfile: { type: "RuntimeDefault" },
      },
      terminationGracePeriodSeconds: args.gracePeriod,
      ...(args.shareProcessNamespace && { shareProcessNamespace: true }),
      ...(Object.keys(pool.nodeSelector).length > 0 && { nodeSelector: pool.nodeSelector }),
      ...(pool.tolerations.length > 0 && { tolerations: pool.tolerations }),
      ...(args.initContainers.length > 0 && {
        initContainers: args.initContainers.map((init) => container(init, args.volumes)),
      }),
      volumes: Object.entries(args.volumes).map(([name, source]) => ({ name, ...source })),
    },
  };
}

/** The template of a long-running pod. */
export function restrictedPod(args: PodArgs): PodTemplateSpec {
  const { container: main, sidecars = [], acrossZones = false } = args;
  const topologies = [...(acrossZones ? ["topology.kubernetes.io/zone"] : []), "kubernetes.io/hostname"];
  const { metadata, spec } = basePod(args);
  return {
    metadata,
    spec: {
      ...spec,
      ...(sidecars.length > 0 && {
        initContainers: [
          ...(spec.initContainers ?? []),
          ...sidecars.map((sidecar) => ({
            ...container(sidecar, args.volumes),
            restartPolicy: "Always",
            ...probes(sidecar),
          })),
        ],
      }),
      topologySpreadConstraints: topologies.map((topologyKey) => ({
        maxSkew: 1,
        topologyKey,
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: args.spread },
      })),
      containers: [
        {
          ...container(main, args.volumes),
          ports: Object.entries(main.ports).map(([name, containerPort]) => ({
            name,
            containerPort,
            protocol: "TCP",
          })),
          ...probes(main),
          ...(main.preStop && { lifecycle: { preStop: { exec: { command: [...main.preStop] } } } }),
        },
      ],
    },
  };
}

/** The template of a Job's pod. */
export function restrictedJobPod(args: JobPodArgs): PodTemplateSpec {
  const { metadata, spec } = basePod(args);
  return {
    metadata,
    spec: {
      ...spec,
      restartPolicy: args.keepFailed === true ? "Never" : "OnFailure",
      containers: [container(args.container, args.volumes)],
    },
  };
}
