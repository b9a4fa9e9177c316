import type { KubernetesObject } from "../kubernetes/objects.ts";

/**
 * Kinds by group that allow or deny connections in addition to NetworkPolicies, and that this pack does not read. To
 * support another engine, add a line here. Kinds named `...NetworkPolicy` count in any group. Service meshes are not
 * included: they restrict connections that NetworkPolicies already allow.
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

/** Cluster-scoped kinds, which apply to pods of any namespace. */
const clusterWide = /^(Cilium)?(Clusterwide|Global|Cluster|Admin|BaselineAdmin)/;

/** The only namespace that an object applies to; undefined if it may be any. */
export function affectedNamespace({ kind, namespace, group }: KubernetesObject): string | undefined {
  return clusterWide.test(kind) || group === "kubeovn.io" ? undefined : namespace;
}
