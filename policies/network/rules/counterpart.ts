import { title } from "../../kubernetes/objects.ts";
import { allowed } from "../allowed.ts";
import type { Endpoint } from "../endpoints.ts";
import { selectsWholeNamespaces, podsOf, type NetworkModel } from "../model.ts";
import { isPods, type Direction, type NetworkPolicy, type Peer, type PodPeer, type Rule } from "../objects.ts";
import { pitfallOf } from "../pitfalls.ts";
import { covers, listensOn, overlap, showPort, type PortRule } from "../ports.ts";
import {
  appliedRules,
  opposite,
  type AppliedRule,
  type NetworkFinding,
  type NetworkRule,
  type RuleContext,
} from "../rule.ts";
import { mayBeServicePort, servicePortMistakes } from "../services.ts";
import { allOf, anyOf, type Verdict } from "../verdict.ts";

export const counterpart: NetworkRule = {
  id: "counterpart",
  why: "A connection needs egress at the client and ingress at the server; if only one end allows it, it hangs.",
  fix: "add the missing rule at the other end, for the same pods and pod port, or remove this rule",
  *find(model, { elsewhere }) {
    const budget = new ComparisonBudget();
    for (const policy of model.policies) {
      if (policy.namespace === undefined || model.hasOtherPolicies(model.namespace(policy.namespace))) continue;
      for (const applied of appliedRules(policy)) {
        yield* oneSided({ model, budget, elsewhere }, applied);
        if (!budget.isSpent) continue;
        elsewhere(
          `whether both ends allow the remaining connections: this takes more than ${maxComparisons} comparisons`,
        );
        return;
      }
    }
  },
};

/** 2,000 workloads and 2,000 policies need a hundredth of this. Rules with thousands of entries would take hours. */
const maxComparisons = 10_000_000;

/** Limits the number of comparisons. */
class ComparisonBudget {
  #left = maxComparisons;

  spend(comparisons: number): void {
    this.#left -= comparisons;
  }

  get isSpent(): boolean {
    return this.#left < 0;
  }
}

interface Search extends Pick<RuleContext, "elsewhere"> {
  readonly model: NetworkModel;
  readonly budget: ComparisonBudget;
}

/** A connection that one end allows and the other does not. */
interface Refused {
  readonly near: Endpoint;
  readonly far: Endpoint;
  readonly port: PortRule | undefined;
}

function* oneSided(search: Search, { policy, direction, rule }: AppliedRule): Iterable<NetworkFinding> {
  const { model, budget, elsewhere } = search;
  const nearEnds = nearEndsOf(model, policy);
  if (nearEnds.length === 0) return;
  for (const peer of (rule.peers ?? []).filter(isPods)) {
    if (pitfallOf(model, policy, peer)) continue;
    const farEnds = farEndsOf(model, peer, policy);
    if (farEnds.certain.length === 0) continue;
    for (const port of rule.ports ?? [undefined]) {
      if (budget.isSpent) return;
      if (port?.isIncomplete) continue;
      const refused = refusedBy(search, nearEnds, farEnds, direction, port);
      const known = refused.filter(({ far }) => far.namespace.object !== undefined);
      if (known.length > 0) yield describe(policy, direction, peer, known);
      for (const { far } of refused) {
        if (far.namespace.object !== undefined) continue;
        const need = `${opposite(direction)} policies for what ${title(policy.object)} allows (${peer.path})`;
        elsewhere(`whether namespace ${far.namespace.name}, which is not in this stack, has ${need}`);
      }
    }
  }
}

/** The pods that a policy certainly selects; if the stack creates none, external pods with this selector. */
function nearEndsOf(model: NetworkModel, policy: NetworkPolicy): readonly Endpoint[] {
  const namespace = model.namespace(policy.namespace);
  const { certain, possible, onNode } = model.select(namespace, policy.podSelector);
  const isIncomplete = policy.podSelector.isIncomplete || model.otherPodsOf(namespace).length > 0;
  if (certain.length + possible.length + onNode.length > 0 || isIncomplete) return certain;
  return [model.externalPods(namespace, policy.podSelector)];
}

interface FarEnds {
  readonly certain: readonly Endpoint[];
  /** There may be more of them. */
  readonly isIncomplete: boolean;
  /** The peer selects whole namespaces: one pod that allows the connection is enough. */
  readonly onePodSuffices: boolean;
}

function farEndsOf(model: NetworkModel, peer: PodPeer, policy: NetworkPolicy): FarEnds {
  const namespaces = model.namespacesOf(peer, policy);
  const { certain, possible, onNode } = model.selectByPeer(peer, policy);
  const hasOthers = namespaces.certain.some((namespace) => model.otherPodsOf(namespace).length > 0);
  const onePodSuffices = selectsWholeNamespaces(peer);
  const isIncomplete = possible.length > 0 || hasOthers;
  if (certain.length + onNode.length > 0 || isIncomplete || peer.pods?.isIncomplete || peer.namespaces?.isIncomplete)
    return { certain, isIncomplete, onePodSuffices };
  const externalPods = namespaces.certain.map((namespace) => model.externalPods(namespace, podsOf(peer)));
  return { certain: externalPods, isIncomplete, onePodSuffices };
}

/**
 * The connections that the far end does not allow. If a peer selects pods by label, each of them must allow the
 * connection; if it selects whole namespaces, one pod there is enough.
 */
function refusedBy(
  search: Search,
  nearEnds: readonly Endpoint[],
  { certain, isIncomplete, onePodSuffices }: FarEnds,
  direction: Direction,
  port: PortRule | undefined,
): readonly Refused[] {
  const refused: Refused[] = [];
  for (const near of nearEnds) {
    search.budget.spend(certain.length);
    const others = certain.length > 1 || isIncomplete ? certain.filter((far) => far !== near) : certain;
    const servers = others.filter((far) => listens(direction === "egress" ? far : near, port));
    const refusing = servers.filter((far) => farEndAllows(search, near, far, direction, port) === "no");
    if (onePodSuffices && (isIncomplete || refusing.length < servers.length)) continue;
    refused.push(...refusing.map((far) => ({ near, far, port })));
  }
  return refused;
}

/** Whether a server certainly listens on a port; external pods only need to possibly listen. */
function listens(server: Endpoint, port: PortRule | undefined): boolean {
  if (port === undefined) return true;
  if (mayBeServicePort(port, server)) return false;
  const heard = listensOn([port], server.ports);
  return heard === "yes" || (heard === "maybe" && server.isExternal);
}

/** Whether the far end allows what the near end allows; "maybe" if a mistaken rule there was intended to. */
function farEndAllows(
  { model, budget }: Search,
  near: Endpoint,
  far: Endpoint,
  direction: Direction,
  port: PortRule | undefined,
): Verdict {
  const back = opposite(direction);
  const server = direction === "egress" ? far : near;
  const matches = ({ peers, ports }: Rule, policy: NetworkPolicy) => {
    budget.spend((peers?.length ?? 1) + (ports?.length ?? 1));
    const onPort = anyOf([overlap(port && [port], ports, server.ports), isIntendedPort(port, ports, server)]);
    const fromNear = peers?.map((peer) => matchesOrIntends(model, peer, policy, near));
    return allOf([onPort, fromNear === undefined ? "yes" : anyOf(fromNear)]);
  };
  const isAllowed = allowed(model, far, back, matches);
  const idle = [...far.policies, ...far.possiblePolicies].filter(({ isolates }) => isolates[back] === "no");
  const isIntended = idle.some((policy) => policy.rules[back].some((rule) => matches(rule, policy) !== "no"));
  return isAllowed === "no" && isIntended ? "maybe" : isAllowed;
}

function matchesOrIntends(model: NetworkModel, peer: Peer, policy: NetworkPolicy, pods: Endpoint): Verdict {
  const real = model.matchesPeer(peer, policy, pods);
  return real === "no" && pitfallOf(model, policy, peer)?.isIntendedFor(pods) ? "maybe" : real;
}

/** "maybe" if a rule at the other end uses a Service port instead of this port, or may. */
function isIntendedPort(
  intended: PortRule | undefined,
  ports: readonly PortRule[] | undefined,
  server: Endpoint,
): Verdict {
  if (server.namespace.services.length === 0) return "no";
  const isIntended = (ports ?? []).some((port) => {
    const mistakes = servicePortMistakes(port, server);
    const isTarget = (target: number) =>
      intended === undefined || covers(intended, { name: undefined, port: target, protocol: port.protocol }) !== "no";
    return mistakes.length > 0 ? mistakes.some(({ target }) => isTarget(target)) : mayBeServicePort(port, server);
  });
  return isIntended ? "maybe" : "no";
}

function describe(
  policy: NetworkPolicy,
  direction: Direction,
  peer: PodPeer,
  refused: readonly Refused[],
): NetworkFinding {
  const port = refused[0]?.port;
  const on = port === undefined ? "" : ` on ${showPort(port)}`;
  const lines = refused.map(({ near, far }) => {
    const [client, server] = direction === "egress" ? [near, far] : [far, near];
    return `${client.title} -> ${server.title}`;
  });
  return {
    subject: policy.object,
    message:
      `${title(policy.object)} allows connections${on} (${peer.path}), but no ${opposite(direction)} policy ` +
      "at the other end allows them:",
    details: [...new Set(lines)],
  };
}
