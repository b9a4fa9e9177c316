import * as z from "zod";
import { count, labelKey, labelValue } from "./fields.ts";

const toleration = z.strictObject({
  key: labelKey().optional().describe("Key of the taint. Matches every taint if omitted"),
  operator: z.enum(["Equal", "Exists"]).optional().describe("Operator; `Equal` if omitted"),
  value: labelValue().optional().describe("Value of the taint, for `Equal`"),
  effect: z
    .enum(["NoSchedule", "PreferNoSchedule", "NoExecute"])
    .optional()
    .describe("Effect of the taint. Matches every effect if omitted"),
  tolerationSeconds: count(0, 86400).optional().describe("Seconds the pod stays on the node, for `NoExecute`"),
});

const nodePool = (name: string) =>
  z
    .strictObject({
      nodeSelector: z
        .record(labelKey(), labelValue())
        .describe("node labels that pods require; `{}` allows any node")
        .default({ "node.kubernetes.io/pool": name }),
      tolerations: z.array(toleration).describe("node taints that pods tolerate").default([]),
    })
    .prefault({});

export const nodePools = z.strictObject({
  stateful: nodePool("stateful").describe("Pool of the data stores"),
  default: nodePool("default").describe("Pool of operators and initialization Jobs"),
});

export type NodePool = z.output<typeof nodePools>["stateful"];
