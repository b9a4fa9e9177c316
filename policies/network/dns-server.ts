import { namespaceOf, type Endpoint } from "./endpoints.ts";
import { Labels } from "./labels.ts";
import type { Rule } from "./objects.ts";
import { opens, type ContainerPort, type PodPorts } from "./ports.ts";
import type { NetworkSettings } from "./rule.ts";
import { decide } from "./selector.ts";
import { allOf, anyOf, type Verdict } from "./verdict.ts";

export interface DnsServer extends Endpoint {
  readonly ports: PodPorts;
}

/** The cluster's DNS pods, which stacks usually do not create themselves. */
export function dnsServerOf(
  { dns: settings = {} }: NetworkSettings,
  namespaces?: ReadonlyMap<string, Endpoint["namespace"]>,
): DnsServer {
  const { namespace = "kube-system", podLabels = { "k8s-app": "kube-dns" }, port = 53 } = settings;
  const labels = Labels.of(Object.entries(podLabels));
  const declared: readonly ContainerPort[] = [
    { name: "dns", port, protocol: "UDP" },
    { name: "dns-tcp", port, protocol: "TCP" },
  ];
  return {
    namespace: namespaces?.get(namespace) ?? namespaceOf(namespace),
    title: `the DNS pods of ${namespace}`,
    ports: { declared, withoutPorts: [], isIncomplete: false },
    hostNetwork: "no",
    isExternal: true,
    policies: [],
    possiblePolicies: [],
    isSelectedBy: (selector) => decide(selector, labels),
  };
}

/** Whether a rule opens DNS ports only. */
export function isDnsOnly({ ports }: Rule, { ports: { declared } }: DnsServer): Verdict {
  if (ports === undefined) return "no";
  return allOf(
    ports.map((rule) => {
      const isOne = rule.isIncomplete || (rule.port !== undefined && rule.endPort === undefined);
      return isOne ? anyOf(declared.map((port) => opens([rule], port))) : "no";
    }),
  );
}
