import type { KubernetesObject } from "../kubernetes/objects.ts";

/**
 * Kinds by group whose objects allow or deny connections beside NetworkPolicies, and that this pack does not read. Engines add
 * up: what one of them allows or denies, no NetworkPolicy has to say. A line here is all that another engine takes; kinds named
 * `...NetworkPolicy` count in any group. Service meshes are none: they act above what NetworkPolicies let through.
 */
const kindsByGroup: Readonly<Record<string, readonly string[]>> = {
  "cilium.io": ["CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"],
  "crd.projectcalico.org": ["NetworkPolicy", "GlobalNetworkPolicy"],
  "projectcalico.org": ["NetworkPolicy", "GlobalNetworkPolicy"],
  "crd.antrea.io": ["NetworkPolicy", "ClusterNetworkPolicy"],
  "networking.gke.io": ["FQDNNetworkPolicy"],
  "networking.k8s.aws": ["ApplicationNetworkPolicy", "ClusterNetworkPolicy", "PolicyEndpoint"],
  "vpcresources.k8s.aws": ["SecurityGroupPolicy"],
  "policy.networking.k8s.io": ["AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy"],
  "k8s.ovn.org": ["EgressFirewall"],
  "network.openshift.io": ["EgressNetworkPolicy"],
  "kubeovn.io": ["SecurityGroup"],
  "crd.nsx.vmware.com": ["SecurityPolicy"],
};

/** Groups whose `NetworkPolicy` this pack reads. */
const own = ["networking.k8s.io", "extensions"];

export function isOtherEngine(group: string, kind: string): boolean {
  if (own.includes(group)) return false;
  return (
    kind.endsWith("NetworkPolicy") || (Object.hasOwn(kindsByGroup, group) && (kindsByGroup[group] ?? []).includes(kind))
  );
}

/** Kinds that lie in no namespace, whose objects concern pods of any. */
const clusterWide = /^(Cilium)?(Clusterwide|Global|Cluster|Admin|BaselineAdmin)/;

/** The only namespace that an object concerns; undefined when that may be any. */
export function concernedNamespace({ kind, namespace, group }: KubernetesObject): string | undefined {
  return clusterWide.test(kind) || group === "kubeovn.io" ? undefined : namespace;
}
