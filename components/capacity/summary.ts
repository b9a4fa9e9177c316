import { code, table } from "../../settings/markdown.ts";
import { bytes, cores, plus, times, total } from "./amounts.ts";
import { nodesNeeded } from "./placement.ts";
import type { Pool } from "./pools.ts";
import type { PodAmounts, Workload } from "./workload.ts";

const header = ["Workload", "Namespace", "Pods", "CPU req", "CPU lim", "Mem req", "Mem lim", "Storage"];

/** Amounts of several pods together. */
export interface Sum extends PodAmounts {
  readonly pods: number;
  readonly storage: number;
}

export const sumOf = ({ pods, pod, storage }: Workload): Sum => ({
  pods,
  requests: times(pods, pod.requests),
  limits: times(pods, pod.limits),
  storage,
});

export const added = (sums: readonly Sum[]): Sum => ({
  pods: sums.reduce((sum, { pods }) => sum + pods, 0),
  requests: total(sums.map(({ requests }) => requests)),
  limits: sums.map(({ limits }) => limits).reduce(plus, { cpu: 0, memory: 0 }),
  storage: sums.reduce((sum, { storage }) => sum + storage, 0),
});

const cells = ({ pods, requests, limits, storage }: Sum): string[] => [
  String(pods),
  cores(requests.cpu),
  cores(limits.cpu),
  bytes(requests.memory),
  bytes(limits.memory),
  storage === 0 ? "-" : bytes(storage),
];

const byPlace = (a: Workload, b: Workload) =>
  a.namespace.localeCompare(b.namespace, "en") || a.name.localeCompare(b.name, "en");

/** The amounts of each workload's pods together, as in the specification's "Resource Summary". */
function tableOf(workloads: readonly Workload[]): string {
  const rows = workloads
    .toSorted(byPlace)
    .map((workload) => [code(workload.name), code(workload.namespace), ...cells(sumOf(workload))]);
  return table([header, ...rows, ["**Total**", "", ...cells(added(workloads.map(sumOf)))]]);
}

/** Sizes of nodes to compare, without what other pods request on them. */
const sizes = [
  { cpu: 2, memory: 4 * 2 ** 30 },
  { cpu: 4, memory: 8 * 2 ** 30 },
  { cpu: 4, memory: 16 * 2 ** 30 },
  { cpu: 8, memory: 32 * 2 ** 30 },
];

/** How many nodes of a size have a place for all pods, and how many still do when one of them is lost. */
function nodesTable(workloads: readonly Workload[]): string {
  const rows = sizes.map((size) => {
    const needed = nodesNeeded(workloads, size);
    const counts = needed === undefined ? ["too small", "too small"] : [String(needed), String(needed + 1)];
    return [`${cores(size.cpu)} CPU, ${bytes(size.memory)}`, ...counts];
  });
  return table([["Each node has for these pods", "Nodes needed", "With one to lose"], ...rows]);
}

function poolSection({ names, nodeSelector, workloads }: Pool): string {
  const [running, jobs] = [workloads.filter(({ ends }) => !ends), workloads.filter(({ ends }) => ends)];
  const labels = Object.entries(nodeSelector).map(([key, value]) => code(`${key}=${value}`));
  return [
    `### Pool ${names.join(" and ")}`,
    `Nodes with ${labels.length > 0 ? labels.join(" and ") : "any labels"}.`,
    ...(running.length > 0 ? [tableOf(running)] : []),
    ...(jobs.length > 0 ? ["Jobs, during an update:", tableOf(jobs)] : []),
    nodesTable(workloads),
  ].join("\n\n");
}

/** A stack's section of docs/capacity.md. */
export const summary = (stack: string, pools: readonly Pool[]): string =>
  [`## Stack ${stack}`, ...pools.map(poolSection)].join("\n\n");
