import { meets, parseCidr, contains, type Cidr } from "../kubernetes/cidr.ts";
import type { Resource } from "../kubernetes/objects.ts";
import { nameLabel, type Endpoint, type Namespace, type Workload } from "./endpoints.ts";
import { hidden, someValue, type LabelValue } from "./labels.ts";
import { isAddress, isPods, type AddressPeer, type NetworkPolicy, type Peer, type PodPeer } from "./objects.ts";
import { Phantoms } from "./phantoms.ts";
import { decide, demanded, demandsOneValue, everything, selectsAll, type Selector } from "./selector.ts";
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
  private readonly unplaced: readonly NetworkPolicy[];
  private readonly selected = new Map<string, Selection>();
  private readonly matchingNamespaces = new Map<string, Namespaces>();
  private readonly byLabel = new Map<string, Workload[]>();
  private readonly openLabels = new Map<Namespace, Workload[]>();
  private readonly phantoms = new Map<Namespace, Phantoms>();

  constructor(resources: readonly Resource[]) {
    super(resources);
    for (const namespace of [...this.namespaces.values(), this.nowhere]) this.index(namespace);
    this.unplaced = this.policies.filter(({ namespace }) => namespace === undefined);
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
  meant(peer: PodPeer, policy: NetworkPolicy): Selection {
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
      return own === this.nowhere ? { certain: [], possible: [own] } : { certain: [own], possible: [] };
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
  admits(peer: Peer, policy: NetworkPolicy, endpoint: Endpoint): Verdict {
    if (isAddress(peer)) return holdsClusterAddress(peer);
    if (!isPods(peer)) return "maybe";
    const { namespace } = endpoint;
    const here = peer.namespaces
      ? decide(peer.namespaces, namespace.labels)
      : policy.namespace === undefined || namespace === this.nowhere
        ? "maybe"
        : verdict(policy.namespace === namespace.name);
    if (here === "no") return "no";
    return allOf([here, endpoint.isSelectedBy(podsOf(peer)), not(endpoint.hostNetwork)]);
  }

  /** Pods that the stack does not create. Only the selector that selects them is known. */
  phantom(namespace: Namespace, selector: Selector): Endpoint {
    let phantoms = this.phantoms.get(namespace);
    if (phantoms === undefined) {
      phantoms = new Phantoms(namespace, this.unplaced);
      this.phantoms.set(namespace, phantoms);
    }
    return phantoms.selectedBy(selector);
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
      if (workload.labels.isOpen) push(this.openLabels, namespace, workload);
      for (const [key, value] of workload.labels.entries)
        push(this.byLabel, labelIndex(namespace, key, value), workload);
    }
  }

  private find(namespace: Namespace, selector: Selector): Selection {
    const found = { certain: [] as Workload[], possible: [] as Workload[], onNode: [] as Workload[] };
    const judge = (workload: Workload, placed: Verdict) => {
      const is = allOf([placed, workload.isSelectedBy(selector)]);
      if (is === "no") return;
      if (is === "maybe" || workload.hostNetwork === "maybe") found.possible.push(workload);
      else if (workload.hostNetwork === "yes") found.onNode.push(workload);
      else found.certain.push(workload);
    };
    for (const workload of this.candidates(namespace, selector)) judge(workload, "yes");
    if (namespace !== this.nowhere)
      for (const workload of this.candidates(this.nowhere, selector)) judge(workload, "maybe");
    return found;
  }

  private link(): void {
    for (const policy of this.policies) {
      if (policy.namespace === undefined) continue;
      const { certain, possible } = this.select(this.namespace(policy.namespace), policy.podSelector);
      for (const workload of certain) workload.policies.push(policy);
      for (const workload of possible) workload.possiblePolicies.push(policy);
    }
    for (const policy of this.unplaced)
      for (const workload of this.workloads)
        if (workload.isSelectedBy(policy.podSelector) !== "no") workload.possiblePolicies.push(policy);
  }

  /** The smallest set of workloads that may match a selector: those with the rarest label value that it requires. */
  private candidates(namespace: Namespace, selector: Selector): readonly Workload[] {
    let fewest: readonly Workload[] = namespace.workloads;
    for (const requirement of selector.requirements) {
      if (!demandsOneValue(requirement)) continue;
      const fitting = [requirement.values[0] ?? "", someValue, hidden] as const;
      const labelled = fitting.flatMap(
        (value) => this.byLabel.get(labelIndex(namespace, requirement.key, value)) ?? [],
      );
      const open = this.openLabels.get(namespace) ?? [];
      if (labelled.length + open.length < fewest.length)
        fewest = open.length === 0 ? labelled : [...new Set([...labelled, ...open])];
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
/** Less usual ones. A much larger block is not assumed to be meant for pods. */
const rarerBlocks = cidrs("100.64.0.0/10", "169.254.0.0/16", "198.18.0.0/15", "240.0.0.0/4", "fe80::/10");

const known = new WeakMap<AddressPeer, Verdict>();

/** Whether an address block may include pods: whether it has addresses that clusters use. */
export function holdsClusterAddress(block: AddressPeer): Verdict {
  let found = known.get(block);
  if (found === undefined) {
    const isMeant = meets(block, privateBlocks) || rarerBlocks.some((rarer) => contains(rarer, block.cidr));
    found = isMeant ? "maybe" : "no";
    known.set(block, found);
  }
  return found;
}

/** The namespace that a selector selects by name. */
export function namedNamespace(selector: Selector): string | undefined {
  return demanded(selector, nameLabel);
}

/** The pod selector of a peer. */
export function podsOf(peer: PodPeer): Selector {
  return peer.pods ?? everything;
}

/** Whether a peer selects all pods of its namespaces. */
export function meansWholeNamespaces(peer: PodPeer): boolean {
  return selectsAll(podsOf(peer));
}
