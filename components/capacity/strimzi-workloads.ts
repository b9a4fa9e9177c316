import type { ResourceSettings } from "../../settings.ts";
import { amountOf } from "./amounts.ts";
import { podAmounts } from "./pod-amounts.ts";
import { metadataOf } from "./workload.ts";
import type { PlannedResource, Workload } from "./workload.ts";

interface PodTemplate {
  readonly affinity?: {
    readonly nodeAffinity: {
      readonly requiredDuringSchedulingIgnoredDuringExecution: {
        readonly nodeSelectorTerms: readonly {
          readonly matchExpressions: readonly { readonly key: string; readonly values: readonly string[] }[];
        }[];
      };
    };
  };
}

interface KafkaSpec {
  readonly entityOperator: {
    readonly topicOperator: { readonly resources: ResourceSettings };
    readonly userOperator: { readonly resources: ResourceSettings };
    readonly template: { readonly pod: PodTemplate };
  };
  readonly cruiseControl: { readonly resources: ResourceSettings; readonly template: { readonly pod: PodTemplate } };
}

interface NodePoolSpec {
  readonly replicas: number;
  readonly resources: ResourceSettings;
  readonly storage: { readonly volumes: readonly { readonly size: string }[] };
  readonly template: { readonly pod: PodTemplate };
}

/** The node selector that the affinity stands for: Strimzi's templates have none. */
function nodeSelectorOf({ affinity }: PodTemplate): Workload["nodeSelector"] {
  const terms = affinity?.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms ?? [];
  return Object.fromEntries(
    terms.flatMap(({ matchExpressions }) => matchExpressions.map(({ key, values }) => [key, values[0] ?? ""])),
  );
}

/** Brokers or controllers. Their init container, which reads the node's zone, has the resources of the container. */
export function nodePoolWorkload(resource: PlannedResource): Workload {
  const { replicas, resources, storage, template } = resource.inputs["spec"] as NodePoolSpec;
  const { name, namespace, labels } = metadataOf(resource);
  return {
    name: `${labels?.["strimzi.io/cluster"] ?? ""}-${name}`,
    namespace,
    nodeSelector: nodeSelectorOf(template.pod),
    pods: replicas,
    pod: podAmounts({ containers: [{ resources }] }),
    ends: false,
    surge: 0,
    apart: false,
    storage: replicas * storage.volumes.reduce((sum, { size }) => sum + amountOf(size), 0),
  };
}

/** What the `Kafka` object runs beside the nodes: the topic and the user operator in one pod, and Cruise Control. */
export function kafkaWorkloads(resource: PlannedResource): readonly Workload[] {
  const { entityOperator, cruiseControl } = resource.inputs["spec"] as KafkaSpec;
  const { name, namespace } = metadataOf(resource);
  const single = (suffix: string, resources: readonly ResourceSettings[], pod: PodTemplate): Workload => ({
    name: `${name}-${suffix}`,
    namespace,
    nodeSelector: nodeSelectorOf(pod),
    pods: 1,
    pod: podAmounts({ containers: resources.map((each) => ({ resources: each })) }),
    ends: false,
    surge: 0,
    apart: false,
    storage: 0,
  });
  const { topicOperator, userOperator, template } = entityOperator;
  return [
    single("entity-operator", [topicOperator.resources, userOperator.resources], template.pod),
    single("cruise-control", [cruiseControl.resources], cruiseControl.template.pod),
  ];
}
