/** Changes to an operator's manifest that make it fit this program's namespaces and policies. */
import type { NodePool, ResourceSettings } from "../../settings.ts";
import { commonLabels } from "../names.ts";
import type { ManifestObject } from "./manifest.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What the pods of an operator get. */
export interface OperatorPodArgs {
  readonly image: string;
  readonly replicas: number;
  readonly resources: ResourceSettings;
  readonly pool: NodePool;
  /** Values of environment variables that the manifest has: images of the pods that the operator makes. */
  readonly env: Readonly<Record<string, string>>;
  /** Fields of the container that the manifest lacks or has too small, such as probes. */
  readonly container?: Fields;
  /** Size limit of every emptyDir. */
  readonly scratch: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface EnvironmentVariable {
  readonly name: string;
}

interface Container extends Fields {
  readonly securityContext?: Fields;
  readonly env?: readonly EnvironmentVariable[];
}

interface PodTemplate {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>>; readonly annotations?: Fields };
  readonly spec: Fields & {
    readonly securityContext?: Fields;
    readonly containers: readonly Container[];
    readonly volumes?: readonly (Fields & { readonly emptyDir?: Fields })[];
  };
}

interface DeploymentSpec extends Fields {
  readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly template: PodTemplate;
}

/** The object with our labels. */
export const labeled = (object: ManifestObject): ManifestObject => ({
  ...object,
  metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...commonLabels } },
});

/**
 * The operator's Deployment with our image, replicas, resources and node pool, and all fields of the restricted Pod
 * Security Standard.
 * @throws Error if the manifest has another number of containers: the settings are for one
 */
export function deployment(object: ManifestObject, args: OperatorPodArgs): ManifestObject {
  const spec = object["spec"] as DeploymentSpec;
  const { template, selector } = spec;
  const [container, ...others] = template.spec.containers;
  if (container === undefined || others.length > 0) {
    throw new Error(`Deployment ${object.metadata.name} in the manifest must have one container`);
  }
  return {
    ...object,
    spec: {
      ...spec,
      replicas: args.replicas,
      template: {
        metadata: {
          ...template.metadata,
          labels: { ...template.metadata?.labels, ...commonLabels },
          ...(args.annotations && { annotations: { ...template.metadata?.annotations, ...args.annotations } }),
        },
        spec: {
          ...podSpec(template.spec, args),
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: "kubernetes.io/hostname",
              whenUnsatisfiable: "ScheduleAnyway",
              labelSelector: { matchLabels: selector.matchLabels },
            },
          ],
          containers: [operatorContainer(container, args)],
        },
      },
    },
  };
}

function podSpec(spec: PodTemplate["spec"], { pool, scratch }: OperatorPodArgs): Fields {
  return {
    ...spec,
    enableServiceLinks: false,
    securityContext: { ...spec.securityContext, runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    ...(Object.keys(pool.nodeSelector).length > 0 && { nodeSelector: pool.nodeSelector }),
    ...(pool.tolerations.length > 0 && { tolerations: pool.tolerations }),
    ...(spec.volumes && {
      volumes: spec.volumes.map((volume) =>
        volume.emptyDir ? { ...volume, emptyDir: { ...volume.emptyDir, sizeLimit: scratch } } : volume,
      ),
    }),
  };
}

function operatorContainer(container: Container, args: OperatorPodArgs): Container {
  const env = container.env ?? [];
  for (const name of Object.keys(args.env)) {
    if (!env.some((variable) => variable.name === name)) {
      throw new Error(`the manifest's container lacks the variable ${name}: the version does not fit this program`);
    }
  }
  return {
    ...container,
    ...args.container,
    image: args.image,
    imagePullPolicy: "IfNotPresent",
    env: env.map((variable) => {
      const value = args.env[variable.name];
      return value === undefined ? variable : { name: variable.name, value };
    }),
    resources: args.resources,
    // Why a container failed is then in the pod's status, which `npm run status` prints.
    terminationMessagePolicy: "FallbackToLogsOnError",
    securityContext: {
      ...container.securityContext,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    },
  };
}

/** A disruption budget that lets one pod of the Deployment go at a time. */
export function disruptionBudget({ metadata, ...object }: ManifestObject): ManifestObject {
  const { selector } = object["spec"] as DeploymentSpec;
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: metadata.name, ...(metadata.namespace !== undefined && { namespace: metadata.namespace }) },
    spec: { maxUnavailable: 1, selector },
  };
}
