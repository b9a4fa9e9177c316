import { title } from "../../kubernetes/objects.ts";
import { namespaceOf, type Endpoint, type Workload } from "../endpoints.ts";
import { isolates, type NetworkModel } from "../model.ts";
import { isAddress, type NetworkPolicy, type Rule } from "../objects.ts";
import { covers, type ContainerPort } from "../ports.ts";
import { appliedRules, type NetworkRule, type NetworkSettings } from "../rule.ts";
import { selects, selectsAll } from "../selector.ts";

export const dns: NetworkRule = {
  id: "dns",
  why: "Pods find each other by name: without DNS, over UDP and for long answers over TCP, every other allow is useless.",
  mend:
    "allow egress on UDP and TCP 53 to the pods k8s-app: kube-dns of the namespace kube-system, and to nobody else " +
    "(setting dns, if the cluster's DNS is elsewhere)",
  *find(model, { settings, elsewhere }) {
    const server = dnsServer(model, settings);
    for (const workload of model.workloads) {
      if (!needsNames(model, workload, server)) continue;
      const missing = server.ports.filter(
        (port) => !workload.policies.some((policy) => allows(model, policy, port, server)),
      );
      if (missing.length === 0) continue;
      const what = missing.map(({ protocol, port }) => `${protocol} ${port}`).join(" and ");
      const message = `${workload.title} may connect to other pods, but not ask DNS for their names: no egress to ${server.title} on ${what}.`;
      if (workload.namespace.object === undefined) elsewhere(`whether ${workload.title} may ask DNS on ${what}`);
      else yield { subject: workload.subject, message };
    }
    for (const policy of model.policies) {
      for (const { direction, rule } of appliedRules(policy)) {
        if (direction !== "egress" || rule.uncertain || !isBlanket(rule, server)) continue;
        const message = `${title(policy.object)} opens the DNS port to anyone (${rule.path}): a way out for data, and for other servers on it.`;
        yield { subject: policy.object, message };
      }
    }
  },
};

interface DnsServer extends Endpoint {
  readonly ports: readonly ContainerPort[];
}

/** The pods of the cluster's DNS, which hardly any stack creates itself. */
export function dnsServer(model: NetworkModel, { dns: settings = {} }: NetworkSettings): DnsServer {
  const { namespace = "kube-system", podLabels = { "k8s-app": "kube-dns" }, port = 53 } = settings;
  const labels = new Map(Object.entries(podLabels));
  return {
    namespace: model.namespaces.get(namespace) ?? namespaceOf(namespace),
    title: `the DNS pods of ${namespace}`,
    ports: [
      { name: "dns", port, protocol: "UDP" },
      { name: "dns-tcp", port, protocol: "TCP" },
    ],
    policies: [],
    possiblePolicies: [],
    isSelectedBy: (selector) => selects(selector, labels),
  };
}

/** Whether a workload may connect to other pods than DNS while its egress is restricted. */
function needsNames(model: NetworkModel, workload: Workload, server: DnsServer): boolean {
  const { policies, possiblePolicies, hostNetwork, uncertain, dnsPolicy } = workload;
  if (hostNetwork || uncertain || !dnsPolicy.startsWith("ClusterFirst")) return false;
  if (!isolates(policies, "egress") || possiblePolicies.length > policies.length) return false;
  return policies.some((policy) =>
    appliedRules(policy).some(({ direction, rule: { peers } }) => {
      return direction === "egress" && peers?.some((peer) => !isAddress(peer) && !model.mayAdmit(peer, policy, server));
    }),
  );
}

function allows(model: NetworkModel, policy: NetworkPolicy, port: ContainerPort, server: DnsServer): boolean {
  return appliedRules(policy).some(({ direction, rule: { peers, ports } }) => {
    return (
      direction === "egress" &&
      (ports?.some((own) => covers(own, port)) ?? true) &&
      (peers?.some((peer) => model.mayAdmit(peer, policy, server)) ?? true)
    );
  });
}

function isBlanket({ peers, ports }: Rule, server: DnsServer): boolean {
  const opensDns =
    ports?.some((own) => own.port !== undefined && server.ports.some((port) => covers(own, port))) ?? false;
  const toAnyone =
    peers?.some((peer) => !isAddress(peer) && peer.namespaces && selectsAll(peer.namespaces) && !peer.pods) ?? true;
  return opensDns && toAnyone;
}
