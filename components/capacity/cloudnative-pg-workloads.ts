import type { ResourceSettings } from "../../settings.ts";
import { amountOf } from "./amounts.ts";
import { podAmounts } from "./pod-amounts.ts";
import type { Container, PodSpec } from "./pod-amounts.ts";
import { kindOf, metadataOf } from "./workload.ts";
import type { PlannedResource, Workload } from "./workload.ts";

interface ClusterSpec {
  readonly instances: number;
  readonly resources: ResourceSettings;
  readonly storage: { readonly size: string };
  readonly affinity: {
    readonly podAntiAffinityType: "required" | "preferred";
    readonly nodeSelector?: Workload["nodeSelector"];
  };
  readonly plugins?: readonly { readonly parameters: { readonly barmanObjectName?: string } }[];
}

interface PoolerSpec {
  readonly instances: number;
  readonly deploymentStrategy: { readonly rollingUpdate: { readonly maxSurge: number } };
  readonly template: { readonly spec: PodSpec };
}

interface ObjectStoreSpec {
  readonly instanceSidecarConfiguration: { readonly resources: ResourceSettings };
}

/** `on` if a `Cluster` is stopped. */
const hibernation = "cnpg.io/hibernation";

/** The sidecars that the Barman Cloud plugin adds to the servers' pods. */
function sidecars({ plugins = [] }: ClusterSpec, resources: readonly PlannedResource[]): readonly Container[] {
  const stores = plugins.map(({ parameters }) => parameters.barmanObjectName);
  return resources
    .filter((resource) => kindOf(resource) === "ObjectStore" && stores.includes(metadataOf(resource).name))
    .map(({ inputs }) => ({
      resources: (inputs["spec"] as ObjectStoreSpec).instanceSidecarConfiguration.resources,
      restartPolicy: "Always",
    }));
}

/** The servers of a `Cluster`. The operator's Jobs that make their data run before them, with the same resources. */
export function clusterWorkload(resource: PlannedResource, resources: readonly PlannedResource[]): Workload {
  const spec = resource.inputs["spec"] as ClusterSpec;
  const { name, namespace, annotations } = metadataOf(resource);
  const { affinity, instances, storage } = spec;
  return {
    ...{ name, namespace },
    nodeSelector: affinity.nodeSelector ?? {},
    pods: annotations?.[hibernation] === "on" ? 0 : instances,
    pod: podAmounts({ initContainers: sidecars(spec, resources), containers: [{ resources: spec.resources }] }),
    ends: false,
    surge: 0,
    apart: affinity.podAntiAffinityType === "required",
    storage: instances * amountOf(storage.size),
  };
}

/** The pods of a `Pooler`. The operator's init container has the resources of the container. */
export function poolerWorkload(resource: PlannedResource): Workload {
  const { instances, deploymentStrategy, template } = resource.inputs["spec"] as PoolerSpec;
  const { spec } = template;
  const { name, namespace } = metadataOf(resource);
  return {
    ...{ name, namespace },
    nodeSelector: spec.nodeSelector ?? {},
    pods: instances,
    pod: podAmounts(spec),
    ends: false,
    surge: deploymentStrategy.rollingUpdate.maxSurge,
    apart: false,
    storage: 0,
  };
}
