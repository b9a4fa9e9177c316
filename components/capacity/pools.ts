import { sameNodes } from "../../settings/node-pools.ts";
import type { NodePool, Settings } from "../../settings.ts";
import type { Workload } from "./workload.ts";

type Name = keyof Settings["nodePools"];

/** Nodes with the same labels, and the workloads that run only there. */
export interface Pool {
  /** The settings below `nodePools` that select these nodes. */
  readonly names: readonly Name[];
  readonly nodeSelector: Workload["nodeSelector"];
  /** The nodes, and the setting that declares them. */
  readonly declared?: { readonly name: Name; readonly nodes: NonNullable<NodePool["nodes"]> };
  readonly workloads: readonly Workload[];
}

/**
 * The workloads by the nodes that they may run on.
 * @throws Error for a workload on other nodes: it would be missing in all sums
 */
export function poolsOf(workloads: readonly Workload[], { stateful, default: other }: Settings["nodePools"]): Pool[] {
  const given = [
    { name: "stateful", pool: stateful },
    { name: "default", pool: other },
  ] as const;
  const elsewhere = workloads.find(({ nodeSelector }) =>
    given.every(({ pool }) => !sameNodes(pool.nodeSelector, nodeSelector)),
  );
  if (elsewhere) throw new Error(`${elsewhere.name} runs on no pool of the settings`);
  const groups = sameNodes(stateful.nodeSelector, other.nodeSelector) ? [given] : given.map((each) => [each]);
  return groups.map((group) => {
    const { nodeSelector } = group[0].pool;
    const declared = group.flatMap(({ name, pool: { nodes } }) => (nodes ? [{ name, nodes }] : []))[0];
    return {
      names: group.map(({ name }) => name),
      nodeSelector,
      ...(declared && { declared }),
      workloads: workloads.filter((workload) => sameNodes(workload.nodeSelector, nodeSelector)),
    };
  });
}
