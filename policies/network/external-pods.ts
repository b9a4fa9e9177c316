import type { Endpoint, Namespace } from "./endpoints.ts";
import type { NetworkPolicy } from "./objects.ts";
import { compatible, requiresOneValue, implies, type Selector } from "./selector.ts";

/** Pods of a namespace that the stack does not create. Only the selector that selects them is known. */
export class ExternalPods {
  private readonly namespace: Namespace;
  private readonly known = new Map<string, Endpoint>();
  /** Policies with an unknown namespace. */
  private readonly withUnknownNamespace: readonly NetworkPolicy[];
  /** Policies by a label that their selector requires, and by its required value. */
  private readonly byRequiredValue = new Map<string, Map<string, NetworkPolicy[]>>();
  private readonly withoutRequirement: NetworkPolicy[] = [];

  constructor(namespace: Namespace, withUnknownNamespace: readonly NetworkPolicy[]) {
    this.namespace = namespace;
    this.withUnknownNamespace = withUnknownNamespace;
    for (const policy of namespace.policies) {
      const [required] = requiredValuesOf(policy.podSelector);
      if (required === undefined) this.withoutRequirement.push(policy);
      else this.bucket(...required).push(policy);
    }
  }

  selectedBy(selector: Selector): Endpoint {
    let externalPods = this.known.get(selector.id);
    if (externalPods === undefined) {
      externalPods = this.make(selector);
      this.known.set(selector.id, externalPods);
    }
    return externalPods;
  }

  private make(selector: Selector): Endpoint {
    const candidates = this.candidates(selector).filter(({ podSelector }) => compatible(selector, podSelector));
    const policies = candidates.filter(({ podSelector }) => implies(selector, podSelector));
    return {
      namespace: this.namespace,
      title: `pods of ${this.namespace.name} that this stack does not create`,
      ports: { declared: [], withoutPorts: [""], isIncomplete: true },
      hostNetwork: "no",
      isExternal: true,
      policies,
      possiblePolicies: [
        ...candidates.filter((policy) => !policies.includes(policy)),
        ...this.withUnknownNamespace.filter(({ podSelector }) => compatible(selector, podSelector)),
      ],
      isSelectedBy: (other) => (implies(selector, other) ? "yes" : compatible(selector, other) ? "maybe" : "no"),
    };
  }

  /** Omits policies that require a different value of a label than the selector. */
  private candidates(selector: Selector): readonly NetworkPolicy[] {
    const required = new Map(requiredValuesOf(selector));
    const fitting = [...this.byRequiredValue].flatMap(([key, byValue]) => {
      const value = required.get(key);
      return value === undefined ? [...byValue.values()].flat() : (byValue.get(value) ?? []);
    });
    return [...this.withoutRequirement, ...fitting];
  }

  private bucket(key: string, value: string): NetworkPolicy[] {
    const byValue = this.byRequiredValue.get(key) ?? new Map<string, NetworkPolicy[]>();
    const policies = byValue.get(value) ?? [];
    this.byRequiredValue.set(key, byValue.set(value, policies));
    return policies;
  }
}

function requiredValuesOf({ requirements }: Selector): readonly (readonly [string, string])[] {
  return requirements
    .filter(requiresOneValue)
    .flatMap(({ key, values: [value] }) => (value === undefined ? [] : [[key, value] as const]));
}
