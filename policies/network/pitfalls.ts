import { title } from "../kubernetes/objects.ts";
import type { Endpoint, Namespace } from "./endpoints.ts";
import { namedNamespace, podsOf, type NetworkModel } from "./model.ts";
import { directions, isAddress, isPods, type NetworkPolicy, type Peer, type PodPeer, type Rule } from "./objects.ts";
import { appliedRules } from "./rule.ts";
import type { Verdict } from "./verdict.ts";
import { requiredValue, selectsAll, showSelector } from "./selector.ts";

/** Selectors that mean something else than they appear to, or may, depending on unknown values. */
export interface Pitfall {
  /** Undefined if it is not certain. */
  readonly found?: { readonly message: string; readonly fix: string };
  /** Peers that match other pods than intended. Other rules do not report the consequences. */
  readonly misreadPeers: readonly Peer[];
  /** Whether a peer was intended for these pods, although it does not match them. */
  readonly isIntendedFor: (pods: Endpoint) => boolean;
}

const known = new WeakMap<NetworkPolicy, readonly Pitfall[]>();

/** The pitfalls of a policy; none if its namespace is unknown. */
export function pitfallsOf(model: NetworkModel, policy: NetworkPolicy): readonly Pitfall[] {
  let found = known.get(policy);
  if (found === undefined) {
    found = policy.namespace === undefined ? [] : [...findAll(model, policy)];
    known.set(policy, found);
  }
  return found;
}

/** The pitfall that involves a peer. */
export function pitfallOf(model: NetworkModel, policy: NetworkPolicy, peer: Peer): Pitfall | undefined {
  return pitfallsOf(model, policy).find(({ misreadPeers }) => misreadPeers.includes(peer));
}

function* findAll(model: NetworkModel, policy: NetworkPolicy): Iterable<Pitfall> {
  yield* ineffectiveRules(policy);
  for (const { rule } of appliedRules(policy)) {
    const splitPeers = [...splitPeer(model, policy, rule)];
    yield* splitPeers;
    for (const peer of (rule.peers ?? []).filter(isPods)) {
      const isSplit = splitPeers.some(({ misreadPeers }) => misreadPeers.includes(peer));
      if (!isSplit) yield* ownNamespaceOnly(model, policy, peer);
      yield* podsOfAnyNamespace(policy, peer);
      yield* missingNamespaceLabel(model, policy, peer);
    }
  }
}

const noPods = () => false;

/** Rules of a direction that `policyTypes` does not list have no effect. */
function* ineffectiveRules({ object, isolates, rules }: NetworkPolicy): Iterable<Pitfall> {
  for (const direction of directions) {
    const certain = rules[direction].some(({ isIncomplete }) => !isIncomplete);
    if (isolates[direction] !== "no" || !certain) continue;
    const type = direction === "ingress" ? "Ingress" : "Egress";
    yield {
      found: {
        message: `${title(object)} has ${direction} rules without effect: policyTypes does not list ${type}.`,
        fix: `add ${type} to policyTypes, or remove the rules`,
      },
      misreadPeers: [],
      isIntendedFor: noPods,
    };
  }
}

/** Two list items are alternatives: the one without namespaceSelector selects in the policy's own namespace. */
function* splitPeer(model: NetworkModel, policy: NetworkPolicy, { peers = [] }: Rule): Iterable<Pitfall> {
  const isLost = (peer: PodPeer) => (peer.namespaces || !peer.pods ? "no" : selectsNoPodHere(model, policy, peer));
  const selecting = peers.filter(isPods);
  const unknownPeers = peers.filter((peer) => !isAddress(peer) && !isPods(peer));
  const pods = [...selecting.filter((peer) => isLost(peer) !== "no"), ...unknownPeers];
  const namespaces = [...selecting.filter((peer) => !peer.pods && peer.namespaces), ...unknownPeers];
  const misreadPeers = [...new Set([...pods, ...namespaces])];
  if (pods.length === 0 || namespaces.length === 0 || misreadPeers.length < 2) return;
  const lost = selecting.find((peer) => isLost(peer) === "yes");
  const [whole] = namespaces;
  const isCertain = lost !== undefined && whole !== undefined && isPods(whole);
  const message =
    `${title(policy.object)} lists namespaceSelector (${whole?.path}) and podSelector (${lost?.path}) as two peers: ` +
    "it allows all pods in those namespaces, and pods with these labels only in its own namespace, which has none.";
  const fix = "put both selectors into one list item: remove the - before the second one";
  yield { ...(isCertain && { found: { message, fix } }), misreadPeers, isIntendedFor: noPods };
}

function* ownNamespaceOnly(model: NetworkModel, policy: NetworkPolicy, peer: PodPeer): Iterable<Pitfall> {
  const isLost = peer.namespaces === undefined ? selectsNoPodHere(model, policy, peer) : "no";
  if (isLost === "no") return;
  const { certain, possible } = namespacesWithPods(model, peer);
  const there = certain ?? possible;
  if (there === undefined) return;
  const found = {
    message:
      `${title(policy.object)} (${peer.path}) selects pods in its own namespace only, where no pod has ` +
      `${showSelector(podsOf(peer))}; namespace ${there.name} has some.`,
    fix: `add namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ${there.name}}} to that peer`,
  };
  const isIntendedFor = (pods: Endpoint) => pods.isSelectedBy(podsOf(peer)) !== "no";
  yield { ...(certain && isLost === "yes" && { found }), misreadPeers: [peer], isIntendedFor };
}

function* podsOfAnyNamespace({ object }: NetworkPolicy, { path, pods, namespaces }: PodPeer): Iterable<Pitfall> {
  if (!namespaces || !selectsAll(namespaces) || !pods || pods.requirements.length === 0) return;
  yield {
    found: {
      message:
        `${title(object)} (${path}) selects pods by label in all namespaces: ` +
        "anyone who can create a pod in any namespace can give it that label.",
      fix: "name their namespaces in namespaceSelector, by kubernetes.io/metadata.name",
    },
    misreadPeers: [],
    isIntendedFor: noPods,
  };
}

/** A peer that seems to select a namespace of the stack, but by a label that the namespace does not have. */
function* missingNamespaceLabel(model: NetworkModel, policy: NetworkPolicy, peer: PodPeer): Iterable<Pitfall> {
  const { namespaces: selector } = peer;
  if (selector === undefined || selector.isIncomplete || namedNamespace(selector) !== undefined) return;
  const { certain, possible } = model.namespacesOf(peer, policy);
  if (certain.length > 0) return;
  for (const { key } of selector.requirements) {
    const name = requiredValue(selector, key);
    const named = name === undefined ? undefined : model.namespaces.get(name);
    if (named?.object === undefined || named.labels.valueOf(key) !== undefined) continue;
    const found = {
      message:
        `${title(policy.object)} (${peer.path}) selects namespaces by the label ${key}=${name}, ` +
        `which namespace ${name} does not have.`,
      fix: `select it by kubernetes.io/metadata.name: ${name}, which every namespace has, or add the label to it`,
    };
    const isCertain = model.unnamedNamespaces.length === 0 && possible.every(({ object }) => object === undefined);
    const isIntendedFor = (pods: Endpoint) => pods.namespace === named && pods.isSelectedBy(podsOf(peer)) !== "no";
    yield { ...(isCertain && { found }), misreadPeers: [peer], isIntendedFor };
    return;
  }
}

/**
 * Whether a peer selects pods by label, but its policy's namespace has none. A namespace that the stack does not create
 * may have such pods from elsewhere.
 */
function selectsNoPodHere(model: NetworkModel, policy: NetworkPolicy, peer: PodPeer): Verdict {
  const here = model.namespace(policy.namespace);
  const { certain, possible, onNode } = model.select(here, podsOf(peer));
  if (selectsAll(podsOf(peer)) || certain.length + onNode.length > 0) return "no";
  if (here.object === undefined) return model.unnamedNamespaces.length > 0 ? "maybe" : "no";
  return peer.pods?.isIncomplete || possible.length > 0 || model.otherPodsOf(here).length > 0 ? "maybe" : "yes";
}

/** A namespace with pods that match the pod selector of a peer without namespaceSelector. */
export function namespacesWithPods(
  model: NetworkModel,
  peer: PodPeer,
): { readonly certain?: Namespace; readonly possible?: Namespace } {
  const places: { certain?: Namespace; possible?: Namespace } = {};
  for (const namespace of model.namespaces.values()) {
    const { certain, possible } = model.select(namespace, podsOf(peer));
    if (certain.length > 0) places.certain ??= namespace;
    if (possible.length > 0 || model.otherPodsOf(namespace).length > 0) places.possible ??= namespace;
  }
  return places;
}
