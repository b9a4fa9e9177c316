import { amountOf, bytes, cores, fitsInto, highest, none, total } from "./amounts.ts";
import { nodesNeeded, withoutPlace, withoutPlaceDuringUpdate } from "./placement.ts";
import type { Nodes, Unplaced } from "./placement.ts";
import type { Pool } from "./pools.ts";
import { sumOf } from "./summary.ts";

/** What is wrong with the declared nodes. */
export interface Findings {
  /** Pods that can have no place. */
  readonly problems: readonly string[];
  /** Pods that would have no place after the loss of a node. */
  readonly warnings: readonly string[];
}

type DeclaredPool = Pool & Required<Pick<Pool, "declared">>;

const isDeclared = (pool: Pool): pool is DeclaredPool => pool.declared !== undefined;

const nodesOf = ({ declared: { nodes } }: DeclaredPool): Nodes => ({
  count: nodes.count,
  size: { cpu: amountOf(nodes.cpu), memory: amountOf(nodes.memory) },
});

function described({ workload: { name, ends, pods: all, apart }, pods, isSurge }: Unplaced): string {
  if (ends) return `Job ${name}`;
  if (isSurge) return `one more of ${name}, which an update starts before it stops an old one`;
  return `${String(pods)} of ${name}${apart && all > 1 ? ", whose pods need a node each" : ""}`;
}

const list = (unplaced: readonly Unplaced[]) => unplaced.map(described).join("; ");

/** The setting with its value, as other problems of settings name it. */
const declaration = (namespace: string, { declared: { name, nodes } }: DeclaredPool) =>
  `${namespace}:nodePools.${name}.nodes: ${JSON.stringify(nodes)}`;

const set = (namespace: string, { declared: { name } }: DeclaredPool, key: "count" | "cpu" | "memory", value: string) =>
  `\`pulumi config set --path ${namespace}:nodePools.${name}.nodes.${key} ${value}\``;

/** How the nodes can have a place for all pods. */
function fix(namespace: string, pool: DeclaredPool): string {
  const { size } = nodesOf(pool);
  const needed = nodesNeeded(pool.workloads, size);
  if (needed !== undefined) {
    return `Add nodes, then fix it with ${set(namespace, pool, "count", String(needed))}; or lower requests`;
  }
  const largest = pool.workloads.map(({ pod }) => pod.requests).reduce(highest, none);
  const larger = [
    ...(largest.cpu > size.cpu ? [set(namespace, pool, "cpu", cores(largest.cpu))] : []),
    ...(largest.memory > size.memory
      ? [set(namespace, pool, "memory", `${String(Math.ceil(largest.memory / 2 ** 20))}Mi`)]
      : []),
  ];
  const names = pool.workloads.filter(({ pod }) => !fitsInto(pod.requests, size)).map(({ name }) => name);
  return (
    `A pod of ${names.join(" and ")} requests more than a node has: ` +
    `use larger nodes, at least ${larger.join(" and ")}; or lower requests`
  );
}

function problemsOf(namespace: string, pool: DeclaredPool): string[] {
  const unplaced = withoutPlaceDuringUpdate(pool.workloads, nodesOf(pool));
  if (unplaced.length === 0) return [];
  const running = pool.workloads.filter(({ ends }) => !ends);
  const { cpu, memory } = total(running.map((workload) => sumOf(workload).requests));
  return [
    `${declaration(namespace, pool)} has no place for ${list(unplaced)}. All pods that run there request ` +
      `${cores(cpu)} CPU and ${bytes(memory)}. ${fix(namespace, pool)}`,
  ];
}

function warningsOf(namespace: string, pool: DeclaredPool): string[] {
  const { count, size } = nodesOf(pool);
  const unplaced = withoutPlace(pool.workloads, { count: count - 1, size });
  const needed = nodesNeeded(pool.workloads, size);
  if (unplaced.length === 0 || needed === undefined) return [];
  return [
    `${declaration(namespace, pool)} has a place for all pods only while no node is down. Without one, these would wait for ` +
      `it: ${list(unplaced)}. With ${String(needed + 1)} nodes, all pods would have a place`,
  ];
}

/**
 * Whether the pods of each pool have a place on the nodes that the settings declare.
 * @param namespace namespace of the settings' keys
 */
export function capacityFindings(namespace: string, pools: readonly Pool[]): Findings {
  const checked = pools.filter(isDeclared).map((pool) => ({ pool, problems: problemsOf(namespace, pool) }));
  return {
    problems: checked.flatMap(({ problems }) => problems),
    warnings: checked.flatMap(({ pool, problems }) => (problems.length > 0 ? [] : warningsOf(namespace, pool))),
  };
}
