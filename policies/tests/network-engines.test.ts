import { findings, ids, namespace, policy, runRules, stackWithout, validStack, workload } from "./network-support.ts";
import { resource } from "./support.ts";

function other(type: string, namespace?: string) {
  return resource(`kubernetes:${type}`, { metadata: { name: "other", namespace }, spec: {} }, "other");
}

/** One stack for each control that reports a missing policy for pods of `back`. */
const missing = {
  "default-deny": stackWithout("back-default-deny", "back-allow-dns"),
  isolation: [...stackWithout("back-default-deny", "back-allow-dns"), workload("back", "other")],
  counterpart: stackWithout("back-from-web"),
};

describe("policies of other engines may allow or deny what a stack lacks", () => {
  test.each([
    "cilium.io/v2:CiliumNetworkPolicy",
    "cilium.io/v2:CiliumNetworkPolicyPatch",
    "crd.projectcalico.org/v1:NetworkPolicy",
    "projectcalico.org/v3:NetworkPolicy",
    "crd.antrea.io/v1beta1:NetworkPolicy",
    "networking.gke.io/v1alpha1:FQDNNetworkPolicy",
    "networking.k8s.aws/v1alpha1:PolicyEndpoint",
    "vpcresources.k8s.aws/v1beta1:SecurityGroupPolicy",
    "k8s.ovn.org/v1:EgressFirewall",
    "network.openshift.io/v1:EgressNetworkPolicy",
    "crd.nsx.vmware.com/v1alpha1:SecurityPolicy",
    "example.org/v1:SomeNetworkPolicy",
  ])("%s: in its namespace", (type) => {
    for (const stack of Object.values(missing)) {
      const { found, unknown } = runRules([...stack, other(type, "back")]);
      expect(found).toEqual([]);
      expect(unknown).toContainEqual(expect.stringContaining("back/other allows or denies more connections"));
    }
    for (const stack of Object.values(missing))
      expect(findings([...stack, namespace("far"), other(type, "far")])).toEqual(findings(stack));
  });

  test.each([
    "cilium.io/v2:CiliumClusterwideNetworkPolicy",
    "projectcalico.org/v3:GlobalNetworkPolicy",
    "crd.antrea.io/v1beta1:ClusterNetworkPolicy",
    "policy.networking.k8s.io/v1alpha1:AdminNetworkPolicy",
    "policy.networking.k8s.io/v1alpha1:BaselineAdminNetworkPolicy",
    "policy.networking.k8s.io/v1alpha2:ClusterNetworkPolicy",
  ])("%s: in all namespaces", (type) => {
    for (const stack of Object.values(missing)) expect(findings([...stack, other(type)])).toEqual([]);
  });

  test("are also read in lists of their kind, and in a List", () => {
    const item = { apiVersion: "cilium.io/v2", kind: "CiliumNetworkPolicy", metadata: { namespace: "back" }, spec: {} };
    for (const type of ["cilium.io/v2:CiliumNetworkPolicyList", "core/v1:List"])
      expect(findings([...missing.counterpart, resource(`kubernetes:${type}`, { items: [item] })])).toEqual([]);
  });

  test("may allow DNS, in the client's namespace", () => {
    const stack = stackWithout("front-allow-dns");
    expect(ids(findings(stack))).toEqual(["dns"]);
    expect(findings([...stack, other("cilium.io/v2:CiliumNetworkPolicy", "front")])).toEqual([]);
    expect(ids(findings([...stack, other("cilium.io/v2:CiliumNetworkPolicy", "back")]))).toEqual(["dns"]);
  });

  test("a Helm release may include policies and pods", () => {
    const release = (namespace?: string) =>
      resource("kubernetes:helm.sh/v3:Release", { chart: "x", namespace }, "other");
    expect(findings([...missing.counterpart, release("back")])).toEqual([]);
    expect(ids(findings([...missing.counterpart, release()]))).toEqual(["counterpart"]);
  });

  test("do not hide what a NetworkPolicy allows", () => {
    const open = policy("back", "open", { policyTypes: ["Ingress"], ingress: [{}] });
    const found = findings([...validStack(), open, other("cilium.io/v2:CiliumNetworkPolicy", "back")]);
    expect(ids(found)).toEqual(["allow-all"]);
  });

  test("do not include NetworkPolicy, or other kinds of an engine's API group", () => {
    expect(runRules(validStack()).unknown).toEqual([]);
    expect(ids(findings([...missing.counterpart, other("cilium.io/v2:CiliumNode")]))).toEqual(["counterpart"]);
  });
});
