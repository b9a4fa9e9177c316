/** Whether pods have a place on a pool's nodes, by what they request. */
import { fitsInto, minus } from "./amounts.ts";
import type { Amounts } from "./amounts.ts";
import type { Workload } from "./workload.ts";

interface Node {
  readonly free: Amounts;
  readonly workloads: readonly Workload[];
}

/** Equal nodes. */
export interface Nodes {
  readonly count: number;
  readonly size: Amounts;
}

/** The number of pods of a workload that have no place. */
export interface Unplaced {
  readonly workload: Workload;
  readonly pods: number;
  /** Whether it is the pod that an update starts before it stops an old one. */
  readonly isSurge?: true;
}

/** The larger share of a node that a pod takes. */
const share = ({ requests }: Workload["pod"], size: Amounts) =>
  Math.max(requests.cpu / size.cpu, requests.memory / size.memory);

const hasPlaceFor =
  (workload: Workload) =>
  ({ free, workloads }: Node): boolean =>
    fitsInto(workload.pod.requests, free) && !(workload.apart && workloads.includes(workload));

/**
 * Places pods that run all the time on nodes: those that need a node each first, then the others, the largest ones first, each
 * on the first node that has room for it. There may be a tighter placement, but Kubernetes does not look for it either.
 */
function placed(workloads: readonly Workload[], { count, size }: Nodes) {
  const nodes: Node[] = Array.from({ length: count }, () => ({ free: size, workloads: [] }));
  const unplaced: Unplaced[] = [];
  const byConstraint = (a: Workload, b: Workload) =>
    Number(b.apart) - Number(a.apart) || share(b.pod, size) - share(a.pod, size);
  for (const workload of workloads.toSorted(byConstraint)) {
    let waiting = workload.pods;
    for (; waiting > 0; waiting--) {
      const index = nodes.findIndex(hasPlaceFor(workload));
      const node = nodes[index];
      if (node === undefined) break;
      nodes[index] = { free: minus(node.free, workload.pod.requests), workloads: [...node.workloads, workload] };
    }
    if (waiting > 0) unplaced.push({ workload, pods: waiting });
  }
  return { nodes, unplaced };
}

/** The pods without a place among those that run all the time. */
export const withoutPlace = (workloads: readonly Workload[], nodes: Nodes): readonly Unplaced[] =>
  placed(
    workloads.filter(({ ends }) => !ends),
    nodes,
  ).unplaced;

/**
 * The pods without a place during an update: in addition, one pod at a time of each Job, and of each workload of which an
 * update starts a new pod before it stops an old one.
 */
export function withoutPlaceDuringUpdate(workloads: readonly Workload[], nodes: Nodes): readonly Unplaced[] {
  const { nodes: left, unplaced } = placed(
    workloads.filter(({ ends }) => !ends),
    nodes,
  );
  const temporary = workloads
    .filter(({ ends, surge, pods }) => ends || (surge > 0 && pods > 0))
    .filter((workload) => !unplaced.some((each) => each.workload === workload))
    .filter((workload) => !left.some(hasPlaceFor(workload)))
    .map((workload) => ({ workload, pods: 1, ...(!workload.ends && { isSurge: true as const }) }));
  return [...unplaced, ...temporary];
}

/** The smallest number of nodes of a size that have a place for all pods; undefined if a pod is larger than a node. */
export function nodesNeeded(workloads: readonly Workload[], size: Amounts): number | undefined {
  const pods = workloads.reduce((sum, workload) => sum + workload.pods + workload.surge, 0);
  const fits = (count: number) => withoutPlaceDuringUpdate(workloads, { count, size }).length === 0;
  return Array.from({ length: pods }, (_, index) => index + 1).find(fits);
}
