import * as z from "zod";
import { count, labelKey, labelValue, objectName } from "./fields.ts";

const toleration = z.strictObject({
  key: labelKey().optional().describe("Key of the taint; every taint if left out"),
  operator: z.enum(["Equal", "Exists"]).optional().describe("Equal if left out"),
  value: labelValue().optional().describe("Value of the taint, for Equal"),
  effect: z
    .enum(["NoSchedule", "PreferNoSchedule", "NoExecute"])
    .optional()
    .describe("Effect of the taint; any if left out"),
  tolerationSeconds: count(0, 86400).optional().describe("Seconds to stay on the node, for NoExecute"),
});

const nodePool = (name: string) =>
  z
    .strictObject({
      nodeSelector: z
        .record(labelKey(), labelValue())
        .describe("Labels a node must have; {} for any node")
        .default({ "node.kubernetes.io/pool": name }),
      tolerations: z.array(toleration).describe("Taints of the pool's nodes that its pods accept").default([]),
    })
    .prefault({});

/** Where pods may run. */
export const nodePools = z.strictObject({
  stateful: nodePool("stateful").describe("Nodes of the data stores"),
  default: nodePool("default").describe("Nodes of the Jobs that initialize them"),
});

export type NodePool = z.output<typeof nodePools>["stateful"];

export const cluster = z.strictObject({
  context: z
    .string()
    .min(1)
    .meta({ placeholder: "CONTEXT" })
    .describe("Context of the kubeconfig that everything is created in. The current context is never used unasked"),
  storageClass: objectName().describe("StorageClass of all volumes").default("csi-sc-vnpaycloud"),
  protect: z.boolean().describe("Refuse to delete or replace namespaces and volumes").default(true),
});
