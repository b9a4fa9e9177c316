import { title } from "../../kubernetes/objects.ts";
import { dnsServerOf } from "../dns-server.ts";
import type { Workload } from "../endpoints.ts";
import { selectsWholeNamespaces, type NetworkModel } from "../model.ts";
import { isPods, type NetworkPolicy, type PodPeer } from "../objects.ts";
import { pitfallOf, namespacesWithPods } from "../pitfalls.ts";
import { appliedRules, type NetworkFinding, type NetworkRule, type RuleContext } from "../rule.ts";
import { selectsAll, showSelector } from "../selector.ts";

export const dangling: NetworkRule = {
  id: "dangling",
  why: "A selector that matches no pod has no effect; usually a label is misspelt.",
  fix: "correct the selector, or remove the rule",
  level: "advisory",
  *find(model, context) {
    for (const policy of model.policies) {
      if (policy.namespace === undefined) continue;
      yield* danglingPolicy(model, policy, context);
      for (const { rule } of appliedRules(policy))
        for (const peer of (rule.peers ?? []).filter(isPods)) yield* danglingPeer(model, policy, peer, context);
    }
  },
};

function* danglingPolicy(
  model: NetworkModel,
  policy: NetworkPolicy,
  { elsewhere }: RuleContext,
): Iterable<NetworkFinding> {
  const namespace = model.namespace(policy.namespace);
  const selector = policy.podSelector;
  const { certain, possible, onNode } = model.select(namespace, selector);
  if (selectsAll(selector) || selector.isIncomplete || certain.length + possible.length > 0) return;
  const shown = `spec.podSelector is ${showSelector(selector)}`;
  const what = `whether ${title(policy.object)} selects any pod: ${showSelector(selector)} matches none in this stack`;
  const others = model.otherPodsOf(namespace);
  if (others.length > 0) elsewhere(`${what}; ${others.join(", ")} may create some`);
  else if (onNode.length > 0) {
    const selects = `${title(policy.object)} (${shown}) selects`;
    yield { subject: policy.object, ...onlyOnNode(selects, onNode, "remove the policy") };
  } else if (namespace.workloads.length === 0 || namespace.object === undefined) elsewhere(what);
  else {
    const message = `${title(policy.object)} selects no pod: ${shown}, but the pods there have other labels.`;
    yield { subject: policy.object, message };
  }
}

function* danglingPeer(
  model: NetworkModel,
  policy: NetworkPolicy,
  peer: PodPeer,
  { elsewhere, settings }: RuleContext,
): Iterable<NetworkFinding> {
  if (model.matchesPeer(peer, policy, dnsServerOf(settings, model.namespaces)) !== "no") return;
  if (pitfallOf(model, policy, peer) || peer.pods?.isIncomplete || peer.namespaces?.isIncomplete) return;
  if (peer.namespaces === undefined && namespacesWithPods(model, peer).possible !== undefined) return;
  const namespaces = model.namespacesOf(peer, policy);
  const { certain, possible, onNode } = model.selectByPeer(peer, policy);
  if (certain.length + possible.length > 0) return;
  const isOfThisStack = namespaces.certain.length > 0 && namespaces.certain.every(({ object }) => object !== undefined);
  if (selectsWholeNamespaces(peer) && isOfThisStack && onNode.length === 0) return;
  const selects = `${title(policy.object)} (${peer.path}) selects`;
  const what = `whether ${selects} any pod: ${showPeer(peer)} matches none in this stack`;
  const others = [...namespaces.certain, ...namespaces.possible].flatMap((namespace) => model.otherPodsOf(namespace));
  if (others.length > 0) elsewhere(`${what}; ${[...new Set(others)].join(", ")} may create some`);
  else if (onNode.length > 0) {
    const fix = "allow the node addresses with an ipBlock instead";
    yield { subject: policy.object, ...onlyOnNode(selects, onNode, fix) };
  } else if (namespaces.certain.some(({ workloads, object }) => object !== undefined && workloads.length > 0)) {
    const message = `${selects} no pod: ${showPeer(peer)}, but the pods there have other labels.`;
    yield { subject: policy.object, message };
  } else elsewhere(what);
}

function onlyOnNode(selects: string, onNode: readonly Workload[], fix: string): Omit<NetworkFinding, "subject"> {
  const names = onNode.map(({ title: name }) => name).join(", ");
  return {
    message: `${selects} only pods on the node's network, which selectors do not match: ${names} sets hostNetwork.`,
    fix: `remove hostNetwork from the pods, or ${fix}`,
  };
}

function showPeer({ pods, namespaces }: PodPeer): string {
  const which = pods === undefined ? "all pods" : showSelector(pods);
  if (namespaces === undefined) return which;
  return `${which} in ${selectsAll(namespaces) ? "all namespaces" : `namespaces ${showSelector(namespaces)}`}`;
}
