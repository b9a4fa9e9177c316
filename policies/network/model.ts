import { intersects, parseCidr, contains, type Cidr } from "../kubernetes/cidr.ts";
import type { Resource } from "../kubernetes/objects.ts";
import { nameLabel, type Endpoint, type Namespace, type Workload } from "./endpoints.ts";
import { unknownLabel, generatedValue, type LabelValue } from "./labels.ts";
import { isAddress, isPods, type AddressPeer, type NetworkPolicy, type Peer, type PodPeer } from "./objects.ts";
import { ExternalPods } from "./external-pods.ts";
import { decide, requiredValue, requiresOneValue, everything, selectsAll, type Selector } from "./selector.ts";
import { NetworkStack } from "./stack.ts";
import { allOf, not, verdict, type Verdict } from "./verdict.ts";

/** The workloads of the stack that a selector selects. */
export interface Selection {
  readonly certain: readonly Workload[];
  /** These may be selected too, or may be on the node's network. */
  readonly possible: readonly Workload[];
  /** It would select these if they were not on the node's network. */
  readonly onNode: readonly Workload[];
}

export interface Namespaces {
  readonly certain: readonly Namespace[];
  readonly possible: readonly Namespace[];
}

/** A stack with the pods that each policy and peer selects. */
export class NetworkModel extends NetworkStack {
  private readonly withUnknownNamespace: readonly NetworkPolicy[];
  private readonly selected = new Map<string, Selection>();
  private readonly matchingNamespaces = new Map<string, Namespaces>();
  private readonly byLabel = new Map<string, Workload[]>();
  private readonly incompleteLabels = new Map<Namespace, Workload[]>();
  private readonly externalPodsByNamespace = new Map<Namespace, ExternalPods>();

  constructor(resources: readonly Resource[]) {
    super(resources);
    for (const namespace of [...this.namespaces.values(), this.unknownNamespace]) this.index(namespace);
    this.withUnknownNamespace = this.policies.filter(({ namespace }) => namespace === undefined);
    this.link();
  }

  /** The workloads in a namespace that a selector selects. */
  select(namespace: Namespace, selector: Selector): Selection {
    const key = `${namespace.name}\n${selector.id}`;
    let found = this.selected.get(key);
    if (found === undefined) {
      found = this.find(namespace, selector);
      this.selected.set(key, found);
    }
    return found;
  }

  /** The workloads that a peer selects. */
  selectByPeer(peer: PodPeer, policy: NetworkPolicy): Selection {
    const { certain, possible } = this.namespacesOf(peer, policy);
    const sure = certain.map((namespace) => this.select(namespace, podsOf(peer)));
    const perhaps = possible.map((namespace) => this.select(namespace, podsOf(peer)));
    return {
      certain: sure.flatMap((each) => each.certain),
      possible: [
        ...new Set([
          ...sure.flatMap((each) => each.possible),
          ...perhaps.flatMap((each) => [...each.certain, ...each.possible, ...each.onNode]),
        ]),
      ],
      onNode: sure.flatMap((each) => each.onNode),
    };
  }

  /** The namespaces that a peer selects: its policy's own, or those of its namespaceSelector. */
  namespacesOf({ namespaces: selector }: PodPeer, policy: NetworkPolicy): Namespaces {
    if (selector === undefined) {
      const own = this.namespace(policy.namespace);
      return own === this.unknownNamespace ? { certain: [], possible: [own] } : { certain: [own], possible: [] };
    }
    let found = this.matchingNamespaces.get(selector.id);
    if (found === undefined) {
      const all = [...this.namespaces.values()].map((namespace) => ({
        namespace,
        is: decide(selector, namespace.labels),
      }));
      const those = (wanted: Verdict) => all.filter(({ is }) => is === wanted).map(({ namespace }) => namespace);
      found = { certain: those("yes"), possible: those("maybe") };
      this.matchingNamespaces.set(selector.id, found);
    }
    return found;
  }

  /** Whether a peer of a policy matches pods. */
  matchesPeer(peer: Peer, policy: NetworkPolicy, endpoint: Endpoint): Verdict {
    if (isAddress(peer)) return mayIncludePods(peer);
    if (!isPods(peer)) return "maybe";
    const { namespace } = endpoint;
    const here = peer.namespaces
      ? decide(peer.namespaces, namespace.labels)
      : policy.namespace === undefined || namespace === this.unknownNamespace
        ? "maybe"
        : verdict(policy.namespace === namespace.name);
    if (here === "no") return "no";
    return allOf([here, endpoint.isSelectedBy(podsOf(peer)), not(endpoint.hostNetwork)]);
  }

  /** Pods that the stack does not create. Only the selector that selects them is known. */
  externalPods(namespace: Namespace, selector: Selector): Endpoint {
    let externalPods = this.externalPodsByNamespace.get(namespace);
    if (externalPods === undefined) {
      externalPods = new ExternalPods(namespace, this.withUnknownNamespace);
      this.externalPodsByNamespace.set(namespace, externalPods);
    }
    return externalPods.selectedBy(selector);
  }

  /** Whether objects other than NetworkPolicies may allow or deny connections in a namespace. */
  hasOtherPolicies({ unreadPolicies }: Namespace): boolean {
    return unreadPolicies.length > 0 || this.unreadPolicies.length > 0;
  }

  /** Objects that may create unknown pods in a namespace. */
  otherPodsOf({ unreadPods }: Namespace): readonly string[] {
    return [...unreadPods, ...this.unreadPods];
  }

  private index(namespace: Namespace): void {
    for (const workload of namespace.workloads) {
      if (workload.labels.isIncomplete) push(this.incompleteLabels, namespace, workload);
      for (const [key, value] of workload.labels.entries)
        push(this.byLabel, labelIndex(namespace, key, value), workload);
    }
  }

  private find(namespace: Namespace, selector: Selector): Selection {
    const found = { certain: [] as Workload[], possible: [] as Workload[], onNode: [] as Workload[] };
    const classify = (workload: Workload, placed: Verdict) => {
      const is = allOf([placed, workload.isSelectedBy(selector)]);
      if (is === "no") return;
      if (is === "maybe" || workload.hostNetwork === "maybe") found.possible.push(workload);
      else if (workload.hostNetwork === "yes") found.onNode.push(workload);
      else found.certain.push(workload);
    };
    for (const workload of this.candidates(namespace, selector)) classify(workload, "yes");
    if (namespace !== this.unknownNamespace)
      for (const workload of this.candidates(this.unknownNamespace, selector)) classify(workload, "maybe");
    return found;
  }

  private link(): void {
    for (const policy of this.policies) {
      if (policy.namespace === undefined) continue;
      const { certain, possible } = this.select(this.namespace(policy.namespace), policy.podSelector);
      for (const workload of certain) workload.policies.push(policy);
      for (const workload of possible) workload.possiblePolicies.push(policy);
    }
    for (const policy of this.withUnknownNamespace)
      for (const workload of this.workloads)
        if (workload.isSelectedBy(policy.podSelector) !== "no") workload.possiblePolicies.push(policy);
  }

  /** The smallest set of workloads that may match a selector: those with the rarest label value that it requires. */
  private candidates(namespace: Namespace, selector: Selector): readonly Workload[] {
    let fewest: readonly Workload[] = namespace.workloads;
    for (const requirement of selector.requirements) {
      if (!requiresOneValue(requirement)) continue;
      const fitting = [requirement.values[0] ?? "", generatedValue, unknownLabel] as const;
      const withLabel = fitting.flatMap(
        (value) => this.byLabel.get(labelIndex(namespace, requirement.key, value)) ?? [],
      );
      const incomplete = this.incompleteLabels.get(namespace) ?? [];
      if (withLabel.length + incomplete.length < fewest.length)
        fewest = incomplete.length === 0 ? withLabel : [...new Set([...withLabel, ...incomplete])];
    }
    return fewest;
  }
}

function push<K>(map: Map<K, Workload[]>, key: K, workload: Workload): void {
  const bucket = map.get(key);
  if (bucket === undefined) map.set(key, [workload]);
  else bucket.push(workload);
}

function labelIndex(namespace: Namespace, key: string, value: LabelValue): string {
  return `${namespace.name}\n${key}\n${typeof value === "string" ? value : `\n${value.description}`}`;
}

const cidrs = (...texts: readonly string[]): readonly Cidr[] => texts.flatMap((text) => parseCidr(text) ?? []);

/** Usual addresses of pods, Services and nodes. */
const privateBlocks = cidrs("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7");
/** Less usual ones. A much larger block is not assumed to include pods. */
const rarerBlocks = cidrs("100.64.0.0/10", "169.254.0.0/16", "198.18.0.0/15", "240.0.0.0/4", "fe80::/10");

const known = new WeakMap<AddressPeer, Verdict>();

/** Whether an address block may include pods: whether it has addresses that clusters use. */
export function mayIncludePods(block: AddressPeer): Verdict {
  let found = known.get(block);
  if (found === undefined) {
    const mayInclude = intersects(block, privateBlocks) || rarerBlocks.some((rarer) => contains(rarer, block.cidr));
    found = mayInclude ? "maybe" : "no";
    known.set(block, found);
  }
  return found;
}

/** The namespace that a selector selects by name. */
export function namedNamespace(selector: Selector): string | undefined {
  return requiredValue(selector, nameLabel);
}

/** The pod selector of a peer. */
export function podsOf(peer: PodPeer): Selector {
  return peer.pods ?? everything;
}

/** Whether a peer selects all pods of its namespaces. */
export function selectsWholeNamespaces(peer: PodPeer): boolean {
  return selectsAll(podsOf(peer));
}
