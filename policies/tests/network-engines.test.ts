import { findings, ids, judge, namespace, policy, soundStack, workload } from "./network-support.ts";
import { resource } from "./support.ts";

function without(...names: readonly string[]) {
  return soundStack().filter(({ name }) => !names.includes(name));
}

function other(type: string, namespace?: string) {
  return resource(`kubernetes:${type}`, { metadata: { name: "other", namespace }, spec: {} }, "other");
}

/** What is missing for pods of `back`, one stack for each rule that says that something is missing. */
const missing = {
  "default-deny": without("back-default-deny", "back-allow-dns"),
  isolation: [...without("back-default-deny", "back-allow-dns"), workload("back", "other")],
  counterpart: without("back-from-web"),
};

describe("policies of other engines leave open what is missing where they may allow or deny it", () => {
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
  ])("%s, in its namespace", (type) => {
    for (const stack of Object.values(missing)) {
      const { found, unknown } = judge([...stack, other(type, "back")]);
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
  ])("%s, everywhere", (type) => {
    for (const stack of Object.values(missing)) expect(findings([...stack, other(type)])).toEqual([]);
  });

  test("in a list of their kind, and in one of any", () => {
    const item = { apiVersion: "cilium.io/v2", kind: "CiliumNetworkPolicy", metadata: { namespace: "back" }, spec: {} };
    for (const type of ["cilium.io/v2:CiliumNetworkPolicyList", "core/v1:List"])
      expect(findings([...missing.counterpart, resource(`kubernetes:${type}`, { items: [item] })])).toEqual([]);
  });

  test("DNS may be allowed by them, in the namespace of who asks", () => {
    const stack = without("front-allow-dns");
    expect(ids(findings(stack))).toEqual(["dns"]);
    expect(findings([...stack, other("cilium.io/v2:CiliumNetworkPolicy", "front")])).toEqual([]);
    expect(ids(findings([...stack, other("cilium.io/v2:CiliumNetworkPolicy", "back")]))).toEqual(["dns"]);
  });

  test("a release of a chart may bring policies and pods", () => {
    const release = (namespace?: string) =>
      resource("kubernetes:helm.sh/v3:Release", { chart: "x", namespace }, "other");
    expect(findings([...missing.counterpart, release("back")])).toEqual([]);
    expect(ids(findings([...missing.counterpart, release()]))).toEqual(["counterpart"]);
  });

  test("what a NetworkPolicy says stays said", () => {
    const open = policy("back", "open", { policyTypes: ["Ingress"], ingress: [{}] });
    const found = findings([...soundStack(), open, other("cilium.io/v2:CiliumNetworkPolicy", "back")]);
    expect(ids(found)).toEqual(["allow-all"]);
  });

  test("a NetworkPolicy is none of them, nor is what is named like an engine's other kinds", () => {
    expect(judge(soundStack()).unknown).toEqual([]);
    expect(ids(findings([...missing.counterpart, other("cilium.io/v2:CiliumNode")]))).toEqual(["counterpart"]);
  });
});
