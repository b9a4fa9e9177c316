import * as z from "zod";
import { count, labelKey, labelValue, quantity } from "./fields.ts";

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

const nodes = z.strictObject({
  count: count(1, 1000).describe("their number"),
  cpu: quantity()
    .meta({ placeholder: "3500m" })
    .describe("allocatable CPU of each, without the requests of all other pods"),
  memory: quantity()
    .meta({ placeholder: "14Gi" })
    .describe("allocatable memory of each, without the requests of all other pods"),
});

const nodePool = (name: string) =>
  z
    .strictObject({
      nodeSelector: z
        .record(labelKey(), labelValue())
        .describe("node labels that pods require; `{}` allows any node")
        .default({ "node.kubernetes.io/pool": name }),
      tolerations: z.array(toleration).describe("node taints that pods tolerate").default([]),
      nodes: nodes.optional().describe("nodes to check the requests against (capacity.md), if declared"),
    })
    .prefault({});

type NodeLabels = Readonly<Record<string, string>>;

/** Whether two node selectors are the same. */
export function sameNodes(a: NodeLabels, b: NodeLabels): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

export const nodePools = z
  .strictObject({
    stateful: nodePool("stateful").describe("Pool of the data stores"),
    default: nodePool("default").describe("Pool of operators and initialization Jobs"),
  })
  .superRefine(({ stateful, default: other }, context) => {
    if (stateful.nodes === undefined || other.nodes === undefined) return;
    if (!sameNodes(stateful.nodeSelector, other.nodeSelector)) return;
    context.addIssue({
      code: "custom",
      path: ["default", "nodes"],
      message:
        "are the nodes of nodePools.stateful, which has the same nodeSelector: they are declared there for all pods",
      params: { remove: true },
    });
  });

export type NodePool = z.output<typeof nodePools>["stateful"];
