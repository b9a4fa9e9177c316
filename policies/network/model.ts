import { objectsOf, type KubernetesObject, type Resource } from "../kubernetes/objects.ts";
import { makesPods, podTemplateOf } from "../kubernetes/pods.ts";
import {
  mentionsOrdinals,
  nameLabel,
  namespaceOf,
  ordinalPods,
  readWorkload,
  type Endpoint,
  type Namespace,
  type Workload,
} from "./endpoints.ts";
import {
  isAddress,
  readNetworkPolicy,
  readService,
  type Direction,
  type NetworkPolicy,
  type Peer,
  type PodPeer,
} from "./objects.ts";
import { Phantoms } from "./phantoms.ts";
import { demanded, selectorOf, selects, selectsAll, type Selector } from "./selector.ts";

/** Namespaces, workloads, policies and Services of a stack, and who selects whom. */
export class NetworkModel {
  readonly namespaces = new Map<string, Namespace>();
  readonly policies: NetworkPolicy[] = [];
  readonly workloads: Workload[] = [];
  /** Objects whose notes are worth a word. */
  readonly objects: KubernetesObject[] = [];
  /** Workloads of which not even the namespace is known. */
  readonly unplaced: string[] = [];
  /** Why policies may be in force that the model does not see; while there are any, nothing can be said to be missing. */
  readonly blindSpots: string[] = [];
  private readonly selected = new Map<string, readonly Workload[]>();
  private readonly matchingNamespaces = new Map<string, readonly Namespace[]>();
  private readonly byLabel = new Map<string, Workload[]>();
  private readonly phantoms = new Map<Namespace, Phantoms>();

  constructor(resources: readonly Resource[]) {
    const objects = resources.flatMap((resource) => objectsOf(resource));
    const foreign = resources.filter(({ type }) => isForeignPolicy(type));
    this.blindSpots.push(...foreign.map(({ type, name }) => `${type} ${name} is not read`));
    this.readNamespaces(objects);
    for (const object of objects) this.readObject(object);
    this.readWorkloads(objects);
    this.link();
  }

  /** The workloads in a namespace that a selector selects. Those on the node's network are never among them. */
  select(namespace: Namespace, selector: Selector): readonly Workload[] {
    const key = `${namespace.name}\n${selector.id}`;
    let found = this.selected.get(key);
    if (found === undefined) {
      found = this.candidates(namespace, selector).filter(
        (each) => !each.hostNetwork && selects(selector, each.labels),
      );
      this.selected.set(key, found);
    }
    return found;
  }

  /** The namespaces that a peer means: its policy's own, or those that it selects. */
  namespacesOf(peer: PodPeer, policy: NetworkPolicy): readonly Namespace[] {
    const { namespaces: selector } = peer;
    if (selector === undefined) return [this.namespace(policy.namespace)];
    let found = this.matchingNamespaces.get(selector.id);
    if (found === undefined) {
      found = [...this.namespaces.values()].filter(({ labels }) => selects(selector, labels));
      this.matchingNamespaces.set(selector.id, found);
    }
    return found;
  }

  namespace(name: string): Namespace {
    let namespace = this.namespaces.get(name);
    if (namespace === undefined) {
      namespace = namespaceOf(name);
      this.namespaces.set(name, namespace);
    }
    return namespace;
  }

  /** Whether a peer of a policy admits pods; true as well where that cannot be told. */
  mayAdmit(peer: Peer, policy: NetworkPolicy, endpoint: Endpoint): boolean {
    const { namespace } = endpoint;
    if (isAddress(peer)) return true;
    const { namespaces: selector } = peer;
    const here =
      selector === undefined
        ? namespace.name === policy.namespace
        : selects(selector, namespace.labels) || (namespace.object === undefined && asksForMoreThanName(selector));
    return here && endpoint.isSelectedBy(podsOf(peer));
  }

  /** Pods that live elsewhere, of which only is known what selects them. */
  phantom(namespace: Namespace, selector: Selector): Endpoint {
    let phantoms = this.phantoms.get(namespace);
    if (phantoms === undefined) {
      phantoms = new Phantoms(namespace);
      this.phantoms.set(namespace, phantoms);
    }
    return phantoms.selectedBy(selector);
  }

  private readNamespaces(objects: readonly KubernetesObject[]): void {
    for (const object of objects) {
      if (object.kind !== "Namespace" || object.partial) continue;
      const labels = object.value.get("metadata", "labels").strings();
      this.namespaces.set(object.name, namespaceOf(object.name, object, labels));
    }
  }

  private readObject(object: KubernetesObject): void {
    if (object.namespace === undefined) {
      if (object.kind === "NetworkPolicy")
        this.blindSpots.push(`the namespace of NetworkPolicy ${object.name} is not known yet`);
      return;
    }
    if (object.kind === "NetworkPolicy") {
      const policy = readNetworkPolicy(object, object.namespace);
      this.policies.push(policy);
      const namespace = this.namespace(object.namespace);
      namespace.policies.push(policy);
      if (policy.uncertain) namespace.doubtfulPolicies.push(policy);
      this.objects.push(object);
    } else if (object.kind === "Service" && !object.partial) {
      this.namespace(object.namespace).services.push(readService(object, object.namespace));
    }
  }

  private readWorkloads(objects: readonly KubernetesObject[]): void {
    const ordinals = this.tellsOrdinalsApart();
    for (const object of objects) {
      if (!makesPods(object.kind) || object.kind === "PodTemplate" || object.partial) continue;
      const template = podTemplateOf(object);
      if (template === undefined) continue;
      if (object.namespace === undefined) {
        this.unplaced.push(`${object.kind} ${object.name}`);
        continue;
      }
      const pods = ordinals && object.kind === "StatefulSet" ? ordinalPods(object) : [[] as const];
      for (const extra of pods)
        this.addWorkload(readWorkload(object, this.namespace(object.namespace), template, extra));
      this.objects.push(object);
    }
  }

  private addWorkload(workload: Workload): void {
    this.workloads.push(workload);
    workload.namespace.workloads.push(workload);
    for (const [key, value] of workload.labels) {
      const index = labelIndex(workload.namespace, key, value);
      const bucket = this.byLabel.get(index);
      if (bucket === undefined) this.byLabel.set(index, [workload]);
      else bucket.push(workload);
    }
  }

  private link(): void {
    for (const policy of this.policies) {
      if (policy.uncertain) continue;
      for (const workload of this.select(this.namespace(policy.namespace), policy.podSelector))
        workload.policies.push(policy);
    }
  }

  /** The fewest workloads among which a selector's can be found: those with the rarest label that it demands. */
  private candidates(namespace: Namespace, selector: Selector): readonly Workload[] {
    const buckets = selector.requirements
      .filter(({ operator, values }) => operator === "In" && values.length === 1)
      .map(({ key, values }) => this.byLabel.get(labelIndex(namespace, key, values[0] ?? "")) ?? []);
    return buckets.reduce<readonly Workload[]>((a, b) => (b.length < a.length ? b : a), namespace.workloads);
  }

  private tellsOrdinalsApart(): boolean {
    const selectors = this.policies.flatMap(({ podSelector, rules }) => [
      podSelector,
      ...[...rules.ingress, ...rules.egress].flatMap(({ peers = [] }) =>
        peers.flatMap((peer) => ("pods" in peer && peer.pods !== undefined ? [peer.pods] : [])),
      ),
    ]);
    return selectors.some(mentionsOrdinals);
  }
}

function labelIndex(namespace: Namespace, key: string, value: string): string {
  return `${namespace.name}\n${key}\n${value}`;
}

function isForeignPolicy(type: string): boolean {
  return /^kubernetes:(cilium\.io|crd\.projectcalico\.org|projectcalico\.org|policy\.networking\.k8s\.io)\/[^:]+:\w*Policy$/.test(
    type,
  );
}

function asksForMoreThanName({ requirements }: Selector): boolean {
  return requirements.some(({ key }) => key !== nameLabel);
}

/** The namespace that a selector names outright. */
export function namedNamespace(selector: Selector): string | undefined {
  return demanded(selector, nameLabel);
}

/** What selects the pods of a peer. */
export function podsOf(peer: PodPeer): Selector {
  return peer.pods ?? selectorOf([]);
}

/** Whether a peer means all pods of the namespaces that it names. */
export function meansWholeNamespaces(peer: PodPeer): boolean {
  return selectsAll(podsOf(peer));
}

export function isolates(policies: readonly NetworkPolicy[], direction: Direction): boolean {
  return policies.some((policy) => policy.isolates.has(direction));
}
