import { title } from "../../kubernetes/objects.ts";
import type { Namespace } from "../endpoints.ts";
import { isolates } from "../model.ts";
import { directions } from "../objects.ts";
import type { NetworkRule } from "../rule.ts";
import { selectsAll } from "../selector.ts";

export const defaultDeny: NetworkRule = {
  id: "default-deny",
  why: "Without it a pod that nobody wrote a policy for is open to the whole cluster.",
  mend: "add a NetworkPolicy with podSelector: {}, policyTypes: [Ingress, Egress] and no rules",
  *find(model, { elsewhere }) {
    if (model.blindSpots.length > 0) return;
    for (const namespace of withWorkloads(model.namespaces.values())) {
      const missing = directions.filter((direction) => !deniesByDefault(namespace, direction));
      if (missing.length === 0 || namespace.policies.some(({ uncertain }) => uncertain)) continue;
      const what = `namespace ${namespace.name} has no NetworkPolicy that denies ${missing.join(" and ")} by default`;
      if (namespace.object === undefined)
        elsewhere(`${what}: the namespace is not of this stack, and its policies may not be`);
      else
        yield { subject: namespace.object, message: `The ${what}: one that selects all pods and has no rule for it.` };
    }
  },
};

export const isolation: NetworkRule = {
  id: "isolation",
  why: "A pod that no policy selects for a direction may connect, or be reached, freely in it.",
  mend: "let a policy of its namespace select it, best the default-deny one",
  *find(model, { elsewhere }) {
    if (model.blindSpots.length > 0) return;
    for (const {
      namespace,
      policies,
      possiblePolicies,
      subject,
      title: name,
      hostNetwork,
      uncertain,
    } of model.workloads) {
      if (hostNetwork || uncertain || possiblePolicies.length > policies.length) continue;
      const open = directions.filter((direction) => !isolates(policies, direction));
      if (open.length === 0) continue;
      const message = `${name} is open for ${open.join(" and ")}: no NetworkPolicy of its namespace selects its pods for that.`;
      if (namespace.object === undefined) elsewhere(`whether ${name} is isolated for ${open.join(" and ")}`);
      else yield { subject, message };
    }
  },
};

export const hostNetwork: NetworkRule = {
  id: "host-network",
  why: "Network policies do not apply to pods on the node's network.",
  mend: "leave hostNetwork out",
  *find(model) {
    for (const { hostNetwork: onNode, subject } of model.workloads) {
      if (!onNode) continue;
      yield {
        subject,
        message: `${title({ partial: false, ...subject })} sets hostNetwork: no NetworkPolicy applies to its pods.`,
      };
    }
  },
};

function deniesByDefault({ policies }: Namespace, direction: (typeof directions)[number]): boolean {
  return policies.some(({ podSelector, isolates: types, rules, uncertain }) => {
    return !uncertain && types.has(direction) && rules[direction].length === 0 && selectsAll(podSelector);
  });
}

function withWorkloads(namespaces: Iterable<Namespace>): readonly Namespace[] {
  return [...namespaces].filter(({ workloads }) => workloads.length > 0);
}
