import type { Endpoint } from "./endpoints.ts";
import type { NetworkModel } from "./model.ts";
import type { Direction, NetworkPolicy, Rule } from "./objects.ts";
import { allOf, anyOf, not, type Verdict } from "./verdict.ts";

/** Whether some policy isolates pods for a direction, so that they allow only what policies allow. */
export function isolated(model: NetworkModel, pods: Endpoint, direction: Direction): Verdict {
  return anyOf([
    ...pods.policies.map((policy) => policy.isolates[direction]),
    ...pods.possiblePolicies.map((policy) => allOf(["maybe", policy.isolates[direction]])),
    model.hasOtherPolicies(pods.namespace) ? "maybe" : "no",
  ]);
}

/** Whether pods allow a connection: they are not isolated for its direction, or a rule of their policies matches. */
export function allowed(
  model: NetworkModel,
  pods: Endpoint,
  direction: Direction,
  matches: (rule: Rule, policy: NetworkPolicy) => Verdict,
): Verdict {
  const isOpen = not(isolated(model, pods, direction));
  if (isOpen === "yes") return "yes";
  const by = (policy: NetworkPolicy) => {
    return allOf([policy.isolates[direction], anyOf(policy.rules[direction].map((rule) => matches(rule, policy)))]);
  };
  return anyOf([
    isOpen,
    ...pods.policies.map(by),
    ...pods.possiblePolicies.map((policy) => allOf(["maybe", by(policy)])),
    model.hasOtherPolicies(pods.namespace) ? "maybe" : "no",
  ]);
}
