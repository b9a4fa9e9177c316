import { title } from "../../kubernetes/objects.ts";
import { meansWholeNamespaces, namedNamespace, podsOf, type NetworkModel } from "../model.ts";
import { directions, isAddress, type NetworkPolicy, type PodPeer, type Rule } from "../objects.ts";
import { appliedRules, type NetworkFinding, type NetworkRule, type RuleContext } from "../rule.ts";
import { demanded, selectsAll, showSelector } from "../selector.ts";
import { dnsServer } from "./dns.ts";

export const dangling: NetworkRule = {
  id: "dangling",
  why: "A selector that fits no pod is a misspelt label more often than a plan.",
  mend: "correct the selector, or remove the rule",
  level: "advisory",
  *find(model, context) {
    for (const policy of model.policies) {
      if (policy.uncertain) continue;
      yield* danglingPolicy(model, policy, context);
      for (const { rule } of appliedRules(policy)) {
        for (const peer of rule.peers ?? []) {
          if (!isAddress(peer)) yield* danglingPeer(model, policy, peer, context);
        }
      }
    }
  },
};

export const selectorPitfall: NetworkRule = {
  id: "selector-pitfall",
  why: "Selectors that read like one thing and mean another are the commonest mistake in network policies.",
  mend: "write namespaceSelector and podSelector into one peer, select namespaces by kubernetes.io/metadata.name, and list each direction in policyTypes",
  *find(model) {
    for (const policy of model.policies) {
      if (policy.uncertain) continue;
      yield* withoutEffect(policy);
      for (const { rule } of appliedRules(policy)) {
        yield* orForAnd(model, policy, rule);
        for (const peer of rule.peers ?? []) {
          if (!isAddress(peer)) yield* misread(model, policy, peer);
        }
      }
    }
  },
};

function* danglingPolicy(
  model: NetworkModel,
  policy: NetworkPolicy,
  { elsewhere }: RuleContext,
): Iterable<NetworkFinding> {
  const namespace = model.namespace(policy.namespace);
  if (selectsAll(policy.podSelector) || model.select(namespace, policy.podSelector).length > 0) return;
  const what = `${title(policy.object)} selects no pod of this stack: spec.podSelector is ${showSelector(policy.podSelector)}`;
  if (namespace.workloads.length === 0 || namespace.object === undefined) elsewhere(what);
  else yield { subject: policy.object, message: `${what}, and the namespace's pods have other labels.` };
}

function* danglingPeer(
  model: NetworkModel,
  policy: NetworkPolicy,
  peer: PodPeer,
  { elsewhere, settings }: RuleContext,
): Iterable<NetworkFinding> {
  if (model.mayAdmit(peer, policy, dnsServer(model, settings)) || meansAnotherNamespace(model, policy, peer)) return;
  const namespaces = model.namespacesOf(peer, policy);
  const meansNamespacesOfThisStack = namespaces.length > 0 && namespaces.every(({ object }) => object !== undefined);
  if (meansWholeNamespaces(peer) && meansNamespacesOfThisStack) return;
  if (namespaces.some((namespace) => model.select(namespace, podsOf(peer)).length > 0)) return;
  const what = `${title(policy.object)} (${peer.path}) names no pod of this stack: ${showPeer(peer)}`;
  if (namespaces.some(({ workloads, object }) => object !== undefined && workloads.length > 0)) {
    yield { subject: policy.object, message: `${what}, and the pods there have other labels.` };
  } else {
    elsewhere(what);
  }
}

/** Rules of a direction that `policyTypes` leaves out are read by nobody. */
function* withoutEffect({ object, isolates, rules }: NetworkPolicy): Iterable<NetworkFinding> {
  for (const direction of directions) {
    if (isolates.has(direction) || rules[direction].length === 0) continue;
    const message = `${title(object)} has ${direction} rules without effect: its policyTypes leave that direction out.`;
    yield { subject: object, message };
  }
}

/** Pods of a namespace that is not of this stack may come from other stacks too, with any labels. */
function isWhollyKnown(model: NetworkModel, policy: NetworkPolicy): boolean {
  return model.namespace(policy.namespace).object !== undefined;
}

/** Two list items are alternatives: the one without a namespace means the policy's own. */
function* orForAnd(model: NetworkModel, policy: NetworkPolicy, { peers = [] }: Rule): Iterable<NetworkFinding> {
  const [pods, namespaces] = [
    peers.find((peer) => !isAddress(peer) && !peer.namespaces && peer.pods && !selectsHere(model, policy, peer)),
    peers.find((peer) => !isAddress(peer) && !peer.pods && peer.namespaces),
  ];
  if (pods === undefined || namespaces === undefined || !isWhollyKnown(model, policy)) return;
  yield {
    subject: policy.object,
    message:
      `${title(policy.object)} lists namespaceSelector (${namespaces.path}) and podSelector (${pods.path}) as two peers: ` +
      "that is either of them, all pods of those namespaces or these pods here, and no such pod is here.",
  };
}

function* misread(model: NetworkModel, policy: NetworkPolicy, peer: PodPeer): Iterable<NetworkFinding> {
  const elsewhere = meansAnotherNamespace(model, policy, peer);
  if (elsewhere !== undefined && isWhollyKnown(model, policy)) {
    const message =
      `${title(policy.object)} (${peer.path}) names pods of its own namespace only, where none is ${showPeer(peer)}; ` +
      `${elsewhere} has some.`;
    yield { subject: policy.object, message };
  }
  if (peer.namespaces && selectsAll(peer.namespaces) && peer.pods && !selectsAll(peer.pods)) {
    const message =
      `${title(policy.object)} (${peer.path}) names pods by label in all namespaces: ` +
      "whoever may create a pod anywhere can give it that label.";
    yield { subject: policy.object, message };
  }
  const unlabelled = unlabelledNamespace(model, policy, peer);
  if (unlabelled !== undefined) {
    const message = `${title(policy.object)} (${peer.path}) selects namespaces by ${unlabelled.label}, which namespace ${unlabelled.namespace} does not carry.`;
    yield { subject: policy.object, message };
  }
}

function selectsHere(model: NetworkModel, policy: NetworkPolicy, peer: PodPeer): boolean {
  return model.select(model.namespace(policy.namespace), podsOf(peer)).length > 0;
}

/** The namespace whose pods a peer without namespaceSelector would fit, when those of its own do not. */
function meansAnotherNamespace(model: NetworkModel, policy: NetworkPolicy, peer: PodPeer): string | undefined {
  if (peer.namespaces !== undefined || selectsAll(podsOf(peer)) || selectsHere(model, policy, peer)) return undefined;
  return [...model.namespaces.values()].find((namespace) => model.select(namespace, podsOf(peer)).length > 0)?.name;
}

/** A namespace of the stack that a peer seems to name, by a label that it does not carry. */
function unlabelledNamespace(model: NetworkModel, policy: NetworkPolicy, { namespaces: selector, ...peer }: PodPeer) {
  if (selector === undefined || namedNamespace(selector) !== undefined) return undefined;
  if (model.namespacesOf({ ...peer, namespaces: selector }, policy).length > 0) return undefined;
  for (const { key } of selector.requirements) {
    const value = demanded(selector, key);
    const named = value === undefined ? undefined : model.namespaces.get(value);
    if (named?.object !== undefined && !named.labels.has(key))
      return { label: `${key}=${value}`, namespace: named.name };
  }
  return undefined;
}

function showPeer({ pods, namespaces }: PodPeer): string {
  const which = pods === undefined ? "all pods" : showSelector(pods);
  if (namespaces === undefined) return which;
  return `${which} of ${selectsAll(namespaces) ? "all namespaces" : `namespaces ${showSelector(namespaces)}`}`;
}
