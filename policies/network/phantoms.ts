import type { Endpoint, Namespace } from "./endpoints.ts";
import type { NetworkPolicy } from "./objects.ts";
import { compatible, demandsOneValue, implies, type Selector } from "./selector.ts";

/** Pods of a namespace that the stack does not create. Only the selector that selects them is known. */
export class Phantoms {
  private readonly namespace: Namespace;
  private readonly known = new Map<string, Endpoint>();
  /** Policies with an unknown namespace. */
  private readonly unplaced: readonly NetworkPolicy[];
  /** Policies by a label that their selector requires, and by its required value. */
  private readonly byDemand = new Map<string, Map<string, NetworkPolicy[]>>();
  private readonly undemanding: NetworkPolicy[] = [];

  constructor(namespace: Namespace, unplaced: readonly NetworkPolicy[]) {
    this.namespace = namespace;
    this.unplaced = unplaced;
    for (const policy of namespace.policies) {
      const [demand] = demandsOf(policy.podSelector);
      if (demand === undefined) this.undemanding.push(policy);
      else this.bucket(...demand).push(policy);
    }
  }

  selectedBy(selector: Selector): Endpoint {
    let phantom = this.known.get(selector.id);
    if (phantom === undefined) {
      phantom = this.make(selector);
      this.known.set(selector.id, phantom);
    }
    return phantom;
  }

  private make(selector: Selector): Endpoint {
    const candidates = this.candidates(selector).filter(({ podSelector }) => compatible(selector, podSelector));
    const policies = candidates.filter(({ podSelector }) => implies(selector, podSelector));
    return {
      namespace: this.namespace,
      title: `pods of ${this.namespace.name} that this stack does not create`,
      ports: { declared: [], silent: [""], isOpen: true },
      hostNetwork: "no",
      isElsewhere: true,
      policies,
      possiblePolicies: [
        ...candidates.filter((policy) => !policies.includes(policy)),
        ...this.unplaced.filter(({ podSelector }) => compatible(selector, podSelector)),
      ],
      isSelectedBy: (other) => (implies(selector, other) ? "yes" : compatible(selector, other) ? "maybe" : "no"),
    };
  }

  /** Omits policies that require a different value of a label than the selector. */
  private candidates(selector: Selector): readonly NetworkPolicy[] {
    const demands = new Map(demandsOf(selector));
    const fitting = [...this.byDemand].flatMap(([key, byValue]) => {
      const value = demands.get(key);
      return value === undefined ? [...byValue.values()].flat() : (byValue.get(value) ?? []);
    });
    return [...this.undemanding, ...fitting];
  }

  private bucket(key: string, value: string): NetworkPolicy[] {
    const byValue = this.byDemand.get(key) ?? new Map<string, NetworkPolicy[]>();
    const policies = byValue.get(value) ?? [];
    this.byDemand.set(key, byValue.set(value, policies));
    return policies;
  }
}

function demandsOf({ requirements }: Selector): readonly (readonly [string, string])[] {
  return requirements
    .filter(demandsOneValue)
    .flatMap(({ key, values: [value] }) => (value === undefined ? [] : [[key, value] as const]));
}
