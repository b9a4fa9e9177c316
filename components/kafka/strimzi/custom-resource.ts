import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { commonLabels } from "../../names.ts";
import { brokers, cluster } from "./endpoints.ts";

/**
 * Makes Pulumi wait until the operator has reconciled this state of the object and it is ready. The provider compares
 * `observedGeneration`, so only a change of `spec` is waited for.
 */
export const reconciled = { "pulumi.com/waitFor": "condition=Ready" };

export interface CustomResourceArgs {
  readonly name: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec: object;
}

/** One of Strimzi's objects, of the cluster that this program declares. */
export const customResource = (
  kind: "Kafka" | "KafkaNodePool" | "KafkaTopic" | "KafkaUser" | "KafkaRebalance",
  { name, annotations, spec }: CustomResourceArgs,
  opts: pulumi.CustomResourceOptions,
): k8s.apiextensions.CustomResource =>
  new k8s.apiextensions.CustomResource(
    `${kind}-${name}`,
    {
      apiVersion: "kafka.strimzi.io/v1",
      kind,
      metadata: {
        name,
        namespace: brokers.namespace,
        labels: { ...commonLabels, ...(kind !== "Kafka" && { "strimzi.io/cluster": cluster }) },
        ...(annotations && { annotations }),
      },
      spec,
    },
    opts,
  );
