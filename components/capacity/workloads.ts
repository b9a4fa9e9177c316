import { podMakers } from "../network/pod-makers.ts";
import { clusterWorkload, poolerWorkload } from "./cloudnative-pg-workloads.ts";
import { kubernetesWorkload } from "./kubernetes-workloads.ts";
import { kafkaWorkloads, nodePoolWorkload } from "./strimzi-workloads.ts";
import { kindOf, metadataOf } from "./workload.ts";
import type { PlannedResource, Workload } from "./workload.ts";

/**
 * The workloads that the planned resources make.
 * @throws Error for a kind that makes pods and is not known here: the sums would be too low
 */
export const workloadsOf = (resources: readonly PlannedResource[]): readonly Workload[] =>
  resources
    .filter(({ type }) => podMakers.has(type))
    .flatMap((resource) => {
      switch (resource.type.replace("kubernetes:", "")) {
        case "apps/v1:Deployment":
        case "apps/v1:StatefulSet":
        case "batch/v1:Job":
        case "batch/v1:CronJob":
          return [kubernetesWorkload(resource, resources)];
        case "postgresql.cnpg.io/v1:Cluster":
          return [clusterWorkload(resource, resources)];
        case "postgresql.cnpg.io/v1:Pooler":
          return [poolerWorkload(resource)];
        case "kafka.strimzi.io/v1:KafkaNodePool":
          return [nodePoolWorkload(resource)];
        case "kafka.strimzi.io/v1:Kafka":
          return kafkaWorkloads(resource);
        default:
          throw new Error(`the pods of ${kindOf(resource)} ${metadataOf(resource).name} are not counted yet`);
      }
    });
