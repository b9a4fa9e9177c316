import { parseQuantity } from "../../../settings/quantity.ts";
import type { Planned } from "./plan.ts";

interface Container {
  readonly resources: Readonly<Record<"requests" | "limits", Readonly<Record<"cpu" | "memory", string>>>>;
}

interface PodSpec {
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
}

interface Spec {
  readonly replicas?: number;
  readonly template: { readonly spec: PodSpec };
  readonly volumeClaimTemplates?: readonly {
    readonly spec: { readonly resources: { readonly requests: { readonly storage: string } } };
  }[];
}

/** Amounts of the specification's resource summary: cores and bytes, of all pods together. */
export interface Amounts {
  readonly pods: number;
  readonly cpuRequest: number;
  readonly cpuLimit: number;
  readonly memoryRequest: number;
  readonly memoryLimit: number;
  readonly storage: number;
}

/** A Deployment, StatefulSet or Job. */
export interface Workload {
  readonly name: string;
  readonly kind: string;
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** What its containers take when they serve. */
  readonly amounts: Amounts;
  /** What the scheduler sets aside for its pods: an init container that asks for more than the others raises it. */
  readonly setAside: { readonly cpu: number; readonly memory: number };
}

const amount = (quantity: string): number => {
  const parsed = parseQuantity(quantity);
  if (parsed === undefined) throw new Error(`${quantity} is not a quantity`);
  return parsed;
};

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

function workload(kind: string, { name, inputs }: Planned): Workload {
  const { replicas = 1, template, volumeClaimTemplates = [] } = inputs["spec"] as Spec;
  const { containers, initContainers = [], nodeSelector = {} } = template.spec;
  const total = (which: "requests" | "limits", resource: "cpu" | "memory") =>
    replicas * sum(containers.map(({ resources }) => amount(resources[which][resource])));
  const highest = (resource: "cpu" | "memory") =>
    Math.max(
      total("requests", resource),
      ...initContainers.map(({ resources }) => replicas * amount(resources.requests[resource])),
    );
  return {
    name,
    kind,
    nodeSelector,
    amounts: {
      pods: replicas,
      cpuRequest: total("requests", "cpu"),
      cpuLimit: total("limits", "cpu"),
      memoryRequest: total("requests", "memory"),
      memoryLimit: total("limits", "memory"),
      storage: replicas * sum(volumeClaimTemplates.map(({ spec }) => amount(spec.resources.requests.storage))),
    },
    setAside: { cpu: highest("cpu"), memory: highest("memory") },
  };
}

/** Everything among the planned resources that makes pods. */
export const workloadsIn = (resources: readonly Planned[]): Workload[] =>
  resources.flatMap((resource) => {
    const kind = resource.type.split(":").at(-1) ?? "";
    return ["Deployment", "StatefulSet", "Job"].includes(kind) ? [workload(kind, resource)] : [];
  });

/** Amounts, one by one, added up. */
export const added = (amounts: readonly Amounts[]): Amounts => ({
  pods: sum(amounts.map(({ pods }) => pods)),
  cpuRequest: sum(amounts.map(({ cpuRequest }) => cpuRequest)),
  cpuLimit: sum(amounts.map(({ cpuLimit }) => cpuLimit)),
  memoryRequest: sum(amounts.map(({ memoryRequest }) => memoryRequest)),
  memoryLimit: sum(amounts.map(({ memoryLimit }) => memoryLimit)),
  storage: sum(amounts.map(({ storage }) => storage)),
});
