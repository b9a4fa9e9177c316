import { isolated } from "../allowed.ts";
import { dnsServerOf, isDnsOnly, type DnsServer } from "../dns-server.ts";
import type { Namespace } from "../endpoints.ts";
import type { NetworkModel } from "../model.ts";
import { directions, type Direction, type NetworkPolicy } from "../objects.ts";
import type { NetworkRule } from "../rule.ts";
import { allOf, anyOf, verdict, type Verdict } from "../verdict.ts";

export const defaultDeny: NetworkRule = {
  id: "default-deny",
  why: "Without it, a pod that no policy selects is open to the whole cluster.",
  fix: "add a NetworkPolicy with podSelector: {}, policyTypes: [Ingress, Egress] and no rules except DNS egress",
  *find(model, { settings, elsewhere }) {
    const dns = dnsServerOf(settings);
    for (const namespace of model.namespaces.values()) {
      if (namespace.workloads.length === 0) continue;
      const missing = directions.filter((direction) => isDenied(model, namespace, direction, dns) === "no");
      if (missing.length === 0) continue;
      const denies = `denies ${missing.join(" and ")} by default`;
      if (namespace.object === undefined)
        elsewhere(`whether a NetworkPolicy ${denies} in namespace ${namespace.name}, which is not in this stack`);
      else {
        const message = `Namespace ${namespace.name} has no NetworkPolicy that ${denies}.`;
        yield { subject: namespace.object, message };
      }
    }
  },
};

export const isolation: NetworkRule = {
  id: "isolation",
  why: "If no policy selects a pod for a direction, Kubernetes allows all its connections in that direction.",
  fix: "add a default-deny NetworkPolicy to the namespace, or a policy that selects these pods",
  *find(model, { elsewhere }) {
    for (const workload of model.workloads) {
      const { namespace, subject, title: name, hostNetwork } = workload;
      if (hostNetwork !== "no") continue;
      const open = directions.filter((direction) => isolated(model, workload, direction) === "no");
      if (open.length === 0) continue;
      const direction = open.join(" and ");
      const message = `${name} is open for ${direction}: no NetworkPolicy of its namespace selects its pods for this.`;
      if (namespace.object === undefined) elsewhere(`whether a NetworkPolicy selects ${name} for ${direction}`);
      else yield { subject, message };
    }
  },
};

/** Whether some policy selects all pods of a namespace and allows them at most DNS. */
function isDenied(model: NetworkModel, namespace: Namespace, direction: Direction, dns: DnsServer): Verdict {
  const withUnknownNamespace = model.policies.filter((policy) => policy.namespace === undefined);
  return anyOf([
    ...namespace.policies.map((policy) => deniesByDefault(policy, direction, dns)),
    ...withUnknownNamespace.map((policy) => allOf(["maybe", deniesByDefault(policy, direction, dns)])),
    model.hasOtherPolicies(namespace) ? "maybe" : "no",
  ]);
}

function deniesByDefault(
  { podSelector, isolates, rules }: NetworkPolicy,
  direction: Direction,
  dns: DnsServer,
): Verdict {
  const { requirements, isIncomplete } = podSelector;
  return allOf([
    isIncomplete ? "maybe" : verdict(requirements.length === 0),
    verdict(requirements.length === 0),
    isolates[direction],
    ...rules[direction].map((rule) => {
      if (rule.isIncomplete && rule.ports?.every((port) => port.isIncomplete)) return "maybe";
      return direction === "egress" ? isDnsOnly(rule, dns) : "no";
    }),
  ]);
}
