import { contains, parseCidr } from "../../kubernetes/cidr.ts";
import { title } from "../../kubernetes/objects.ts";
import { allowed, isolated } from "../allowed.ts";
import { dnsServerOf, isDnsOnly, type DnsServer } from "../dns-server.ts";
import type { Workload } from "../endpoints.ts";
import type { NetworkModel } from "../model.ts";
import { isAddress, isPods, type NetworkPolicy, type Peer, type Rule } from "../objects.ts";
import { covers, opens, type ContainerPort } from "../ports.ts";
import { appliedRules, type NetworkRule } from "../rule.ts";
import { selectsAll } from "../selector.ts";
import { allOf, anyOf } from "../verdict.ts";

export const dns: NetworkRule = {
  id: "dns",
  why: "Pods connect by name. Without DNS over UDP, and over TCP for long answers, their connections fail.",
  fix:
    "allow egress on UDP and TCP 53 only to the pods k8s-app: kube-dns in namespace kube-system " +
    "(if the cluster's DNS is elsewhere, use the setting dns)",
  *find(model, { settings, elsewhere }) {
    const server = dnsServerOf(settings, model.namespaces);
    for (const workload of model.workloads) {
      if (!needsDns(model, workload, server)) continue;
      const missing = server.ports.declared.filter((port) => mayQueryDns(model, workload, port, server) === "no");
      if (missing.length === 0 || !workload.dnsPolicy?.startsWith("ClusterFirst")) continue;
      const what = missing.map(({ protocol, port }) => `${protocol} ${port}`).join(" and ");
      const message =
        `NetworkPolicies allow ${workload.title} to connect to other hosts, but not to query DNS: ` +
        `none allows egress to ${server.title} on ${what}.`;
      if (workload.namespace.object === undefined)
        elsewhere(`whether a NetworkPolicy allows ${workload.title} to query DNS on ${what}`);
      else yield { subject: workload.subject, message };
    }
    for (const policy of model.policies) {
      for (const { direction, rule } of appliedRules(policy)) {
        if (direction !== "egress" || rule.isIncomplete || !opensDnsToEveryone(rule, server)) continue;
        const message =
          `${title(policy.object)} opens the DNS port to everyone (${rule.path}), ` +
          "also to other servers that listen on it.";
        yield { subject: policy.object, message };
      }
    }
  },
};

/** Whether policies certainly allow a workload connections beyond DNS while its egress is isolated. */
function needsDns(model: NetworkModel, workload: Workload, server: DnsServer): boolean {
  const { policies, hostNetwork } = workload;
  if (hostNetwork !== "no" || isolated(model, workload, "egress") !== "yes") return false;
  return policies.some((policy) =>
    appliedRules(policy).some(({ direction, rule }) => {
      if (direction !== "egress" || rule.isIncomplete || isDnsOnly(rule, server) !== "no") return false;
      return rule.peers?.some((peer) => isLookedUp(model, peer, policy, server)) ?? true;
    }),
  );
}

/** Link-local addresses, which clients do not look up by name. */
const linkLocal = ["169.254.0.0/16", "fe80::/10"].flatMap((text) => parseCidr(text) ?? []);

/** Whether clients look up the name of a peer before they connect. */
function isLookedUp(model: NetworkModel, peer: Peer, policy: NetworkPolicy, server: DnsServer): boolean {
  if (isAddress(peer)) return !linkLocal.some((block) => contains(block, peer.cidr));
  return isPods(peer) && model.matchesPeer(peer, policy, server) === "no";
}

function mayQueryDns(model: NetworkModel, workload: Workload, port: ContainerPort, server: DnsServer) {
  return allowed(model, workload, "egress", ({ peers, ports }, policy) => {
    const toServer = peers === undefined ? "yes" : anyOf(peers.map((peer) => model.matchesPeer(peer, policy, server)));
    return allOf([opens(ports, port), toServer]);
  });
}

function opensDnsToEveryone({ peers, ports = [] }: Rule, server: DnsServer): boolean {
  const opensDns = ports.some(
    (own) => own.port !== undefined && server.ports.declared.some((port) => covers(own, port) === "yes"),
  );
  const toEveryone =
    peers?.filter(isPods).some((peer) => peer.namespaces && selectsAll(peer.namespaces) && !peer.pods) ?? true;
  return opensDns && toEveryone;
}
