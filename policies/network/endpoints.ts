import type { Subject } from "../crossguard/exemptions.ts";
import { title, type KubernetesObject } from "../kubernetes/objects.ts";
import type { PodTemplate } from "../kubernetes/pods.ts";
import { readContainerPorts, type NetworkPolicy, type Service } from "./objects.ts";
import type { ContainerPort } from "./ports.ts";
import { selects, type Labels, type Selector } from "./selector.ts";

/** A namespace that the stack creates, or that its objects are in. */
export interface Namespace {
  readonly name: string;
  /** What is certain of its labels; of a namespace that lives elsewhere, its name only. */
  readonly labels: Labels;
  /** Undefined when it lives elsewhere. */
  readonly object: KubernetesObject | undefined;
  readonly workloads: Workload[];
  readonly policies: NetworkPolicy[];
  /** Those of them of which not all is known: they may select and allow anything. */
  readonly doubtfulPolicies: NetworkPolicy[];
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

export const nameLabel = "kubernetes.io/metadata.name";
const ordinalLabels = ["statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index"];
const mostOrdinals = 1000;

/** A namespace of which no more is known than its name, and its labels if the stack creates it. */
export function namespaceOf(name: string, object?: KubernetesObject, labels: Labels = new Map()): Namespace {
  return {
    name,
    labels: new Map([...labels, [nameLabel, name]]),
    object,
    workloads: [],
    policies: [],
    doubtfulPolicies: [],
    services: [],
  };
}

/** Reads the pods of a workload, with labels beside those of its template. */
export function readWorkload(
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
      const { doubtfulPolicies } = namespace;
      return doubtfulPolicies.length === 0 ? policies : [...policies, ...doubtfulPolicies];
    },
    isSelectedBy: (selector) => selects(selector, labels),
  };
}

/** Labels that controllers put on their pods. */
function generatedLabels({ kind, name }: KubernetesObject): readonly (readonly [string, string])[] {
  if (kind !== "Job") return [];
  return ["job-name", "batch.kubernetes.io/job-name"].map((key) => [key, name] as const);
}

/** Whether a selector tells the pods of one StatefulSet apart. */
export function mentionsOrdinals({ requirements }: Selector): boolean {
  return requirements.some(({ key }) => ordinalLabels.includes(key));
}

/** The labels that tell the pods of a StatefulSet apart, for each of them. */
export function ordinalPods(object: KubernetesObject): readonly (readonly (readonly [string, string])[])[] {
  const spec = object.value.get("spec");
  const replicas = Math.min(spec.get("replicas").integer() ?? 1, mostOrdinals);
  const start = spec.get("ordinals", "start").integer() ?? 0;
  return Array.from({ length: Math.max(replicas, 0) }, (_, index) => [
    [ordinalLabels[0] ?? "", `${object.name}-${start + index}`],
    [ordinalLabels[1] ?? "", String(start + index)],
  ]);
}
