import { amountOf, highest, none, plus, total } from "./amounts.ts";
import type { Amounts } from "./amounts.ts";
import type { PodAmounts } from "./workload.ts";

type Quantities = Readonly<Partial<Record<"cpu" | "memory", string | number>>>;

export interface ContainerResources {
  readonly requests?: Quantities;
  readonly limits?: Quantities;
}

export interface Container {
  readonly resources?: ContainerResources;
  /** `Always` makes an init container a sidecar. */
  readonly restartPolicy?: string;
}

export interface PodSpec {
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
}

const amounts = ({ cpu = 0, memory = 0 }: Quantities = {}): Amounts => ({
  cpu: amountOf(cpu),
  memory: amountOf(memory),
});

/** What a container requests: for a resource without a request, its limit. */
const requestsOf = ({ resources: { requests, limits } = {} }: Container) => amounts({ ...limits, ...requests });

const limitsOf = ({ resources: { limits } = {} }: Container) => amounts(limits);

/**
 * The pod's amounts as Kubernetes counts them: those of all containers and sidecars, or what an init container needs
 * beside the sidecars that were started before it, if that is more.
 */
function effective({ initContainers = [], containers }: PodSpec, of: (container: Container) => Amounts): Amounts {
  let [sidecars, most] = [none, none];
  for (const container of initContainers) {
    const needed = plus(sidecars, of(container));
    most = highest(most, needed);
    if (container.restartPolicy === "Always") sidecars = needed;
  }
  return highest(most, plus(sidecars, total(containers.map(of))));
}

export const podAmounts = (spec: PodSpec): PodAmounts => ({
  requests: effective(spec, requestsOf),
  limits: effective(spec, limitsOf),
});
