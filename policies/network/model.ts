import type { Subject } from "../crossguard/exemptions.ts";
import { objectsOf, title, type KubernetesObject, type Resource } from "../kubernetes/objects.ts";
import { makesPods, podTemplateOf, type PodTemplate } from "../kubernetes/pods.ts";
import {
  isAddress,
  readContainerPorts,
  readNetworkPolicy,
  readService,
  type Direction,
  type NetworkPolicy,
  type Peer,
  type PodPeer,
  type Service,
} from "./objects.ts";
import type { ContainerPort } from "./ports.ts";
import {
  demanded,
  implies,
  selectorOf,
  selects,
  selectsAll,
  compatible,
  type Labels,
  type Selector,
} from "./selector.ts";

/** A namespace that the stack creates, or that its objects are in. */
export interface Namespace {
  readonly name: string;
  /** What is certain of its labels; of a namespace that lives elsewhere, its name only. */
  readonly labels: Labels;
  /** Undefined when it lives elsewhere. */
  readonly object: KubernetesObject | undefined;
  readonly workloads: Workload[];
  readonly policies: NetworkPolicy[];
  readonly services: Service[];
}

/** Pods that network policies may select. */
export interface Endpoint {
  readonly namespace: Namespace;
  readonly title: string;
  /** Undefined: the containers declare none, and may listen on any. */
  readonly ports: readonly ContainerPort[] | undefined;
  /** Policies that select all of these pods. */
  readonly policies: readonly NetworkPolicy[];
  /** Policies that select some of them, or may. */
  readonly possiblePolicies: readonly NetworkPolicy[];
  isSelectedBy(selector: Selector): boolean;
}

/** The pods of a workload of the stack. */
export interface Workload extends Endpoint {
  readonly subject: Subject;
  readonly labels: Labels;
  /** On the node's network, where policies do not reach. */
  readonly hostNetwork: boolean;
  readonly dnsPolicy: string;
  /** Its labels are not fully known. */
  readonly uncertain: boolean;
  readonly policies: NetworkPolicy[];
}

const nameLabel = "kubernetes.io/metadata.name";
const ordinalLabels = ["statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index"];
const mostOrdinals = 1000;

/** Namespaces, workloads, policies and Services of a stack, and who selects whom. */
export class NetworkModel {
  readonly namespaces = new Map<string, Namespace>();
  readonly policies: NetworkPolicy[] = [];
  readonly workloads: Workload[] = [];
  /** Objects whose notes are worth a word. */
  readonly objects: KubernetesObject[] = [];
  /** Why policies may be in force that the model does not see; while there are any, nothing can be said to be missing. */
  readonly blindSpots: string[] = [];
  private readonly selected = new Map<string, readonly Workload[]>();
  private readonly matchingNamespaces = new Map<string, readonly Namespace[]>();
  private readonly byLabel = new Map<string, Workload[]>();

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
      namespace = {
        name,
        labels: new Map([[nameLabel, name]]),
        object: undefined,
        workloads: [],
        policies: [],
        services: [],
      };
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
    const certain = namespace.policies.filter(({ uncertain }) => !uncertain);
    return {
      namespace,
      title: `pods of ${namespace.name} that this stack does not create`,
      ports: undefined,
      policies: certain.filter(({ podSelector }) => implies(selector, podSelector)),
      possiblePolicies: namespace.policies.filter(
        ({ podSelector, uncertain }) => uncertain || compatible(selector, podSelector),
      ),
      isSelectedBy: (other) => compatible(selector, other),
    };
  }

  private readNamespaces(objects: readonly KubernetesObject[]): void {
    for (const object of objects) {
      if (object.kind !== "Namespace" || object.partial) continue;
      const labels = new Map([...object.value.get("metadata", "labels").strings(), [nameLabel, object.name]]);
      this.namespaces.set(object.name, {
        name: object.name,
        labels,
        object,
        workloads: [],
        policies: [],
        services: [],
      });
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
      this.namespace(object.namespace).policies.push(policy);
      this.objects.push(object);
    } else if (object.kind === "Service" && !object.partial) {
      this.namespace(object.namespace).services.push(readService(object, object.namespace));
    }
  }

  private readWorkloads(objects: readonly KubernetesObject[]): void {
    const ordinals = this.mentionsOrdinals();
    for (const object of objects) {
      if (!makesPods(object.kind) || object.kind === "PodTemplate" || object.partial) continue;
      const template = podTemplateOf(object);
      if (template === undefined || object.namespace === undefined) continue;
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

  private mentionsOrdinals(): boolean {
    const selectors = this.policies.flatMap(({ podSelector, rules }) => [
      podSelector,
      ...[...rules.ingress, ...rules.egress].flatMap(({ peers = [] }) =>
        peers.flatMap((peer) => ("pods" in peer && peer.pods !== undefined ? [peer.pods] : [])),
      ),
    ]);
    return selectors.some(({ requirements }) => requirements.some(({ key }) => ordinalLabels.includes(key)));
  }
}

function readWorkload(
  object: KubernetesObject,
  namespace: Namespace,
  template: PodTemplate,
  extra: readonly (readonly [string, string])[],
): Workload {
  const labelsAt = template.metadata.get("labels");
  const labels = new Map([...labelsAt.strings(), ...generatedLabels(object), ...extra]);
  const ports = readContainerPorts(template);
  const hostNetwork = template.spec.get("hostNetwork").flag(false) ?? false;
  const policies: NetworkPolicy[] = [];
  const uncertain = template.metadata.hidesSomething || template.spec.isUnknown;
  return {
    namespace,
    title: title(object),
    subject: object,
    labels,
    ports: ports.length === 0 ? undefined : ports,
    hostNetwork,
    dnsPolicy: template.spec.get("dnsPolicy").textIfKnown() ?? "ClusterFirst",
    uncertain,
    policies,
    get possiblePolicies() {
      const doubtful = namespace.policies.filter((policy) => policy.uncertain);
      return doubtful.length === 0 ? policies : [...policies, ...doubtful];
    },
    isSelectedBy: (selector) => selects(selector, labels),
  };
}

/** Labels that controllers put on their pods. */
function generatedLabels({ kind, name }: KubernetesObject): readonly (readonly [string, string])[] {
  if (kind !== "Job") return [];
  return ["job-name", "batch.kubernetes.io/job-name"].map((key) => [key, name] as const);
}

function ordinalPods(object: KubernetesObject): readonly (readonly (readonly [string, string])[])[] {
  const spec = object.value.get("spec");
  const replicas = Math.min(spec.get("replicas").integer() ?? 1, mostOrdinals);
  const start = spec.get("ordinals", "start").integer() ?? 0;
  return Array.from({ length: Math.max(replicas, 0) }, (_, index) => [
    [ordinalLabels[0] ?? "", `${object.name}-${start + index}`],
    [ordinalLabels[1] ?? "", String(start + index)],
  ]);
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
