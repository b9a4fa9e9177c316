import type { Settings } from "../../settings.ts";
import type { Workload } from "./workload.ts";

type NodePools = Settings["nodePools"];

/** Nodes with the same labels, and the workloads that run only there. */
export interface Pool {
  /** The settings below `nodePools` that select these nodes. */
  readonly names: readonly (keyof NodePools)[];
  readonly nodeSelector: Workload["nodeSelector"];
  readonly workloads: readonly Workload[];
}

const text = (nodeSelector: Workload["nodeSelector"]) =>
  Object.entries(nodeSelector)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(",");

/** Whether both select the same nodes. */
export const sameNodes = (a: Workload["nodeSelector"], b: Workload["nodeSelector"]): boolean => text(a) === text(b);

/** The workloads by the nodes that they may run on. */
export function poolsOf(workloads: readonly Workload[], nodePools: NodePools): readonly Pool[] {
  const pools = Object.entries(nodePools) as [keyof NodePools, NodePools[keyof NodePools]][];
  return pools
    .filter(([, { nodeSelector }], index) => {
      const first = pools.findIndex(([, other]) => sameNodes(other.nodeSelector, nodeSelector));
      return first === index;
    })
    .map(([, { nodeSelector }]) => ({
      names: pools.filter(([, other]) => sameNodes(other.nodeSelector, nodeSelector)).map(([name]) => name),
      nodeSelector,
      workloads: workloads.filter((workload) => sameNodes(workload.nodeSelector, nodeSelector)),
    }));
}
