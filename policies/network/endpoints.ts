import type { Subject } from "../crossguard/exemptions.ts";
import { title, type KubernetesObject } from "../kubernetes/objects.ts";
import { containerName, containersOf, type PodTemplate } from "../kubernetes/pods.ts";
import type { Value } from "../kubernetes/value.ts";
import { generatedLabels } from "./generated-labels.ts";
import { Labels, type LabelValue } from "./labels.ts";
import type { NetworkPolicy } from "./objects.ts";
import { readProtocol, type ContainerPort, type PodPorts } from "./ports.ts";
import { decide, type Selector } from "./selector.ts";
import type { Service } from "./services.ts";
import { verdict, type Verdict } from "./verdict.ts";

/** A namespace that the stack creates or whose objects it creates. */
export interface Namespace {
  readonly name: string;
  readonly labels: Labels;
  /** Undefined if the stack does not create it. */
  readonly object: KubernetesObject | undefined;
  readonly workloads: Workload[];
  readonly policies: NetworkPolicy[];
  readonly services: Service[];
  /** Objects that may create pods here and that the model does not read. */
  readonly unreadPods: string[];
  /** Descriptions of unread objects that may allow or deny connections here. */
  readonly unreadPolicies: string[];
}

/** Pods that network policies may select. */
export interface Endpoint {
  readonly namespace: Namespace;
  readonly title: string;
  readonly ports: PodPorts;
  /** On the node's network, where policies do not apply and selectors do not match. */
  readonly hostNetwork: Verdict;
  /** The stack does not create these pods. */
  readonly isExternal: boolean;
  /** Policies that select all of these pods. */
  readonly policies: readonly NetworkPolicy[];
  /** Policies that select some of them, or may select them. */
  readonly possiblePolicies: readonly NetworkPolicy[];
  readonly isSelectedBy: (selector: Selector) => Verdict;
}

/** The pods of a workload of the stack. */
export interface Workload extends Endpoint {
  readonly subject: Subject;
  readonly labels: Labels;
  /** Undefined if unknown, which is noted on access. */
  readonly dnsPolicy: string | undefined;
  readonly policies: NetworkPolicy[];
  readonly possiblePolicies: NetworkPolicy[];
}

export const nameLabel = "kubernetes.io/metadata.name";

/** A namespace with the labels that the stack sets. One that the stack does not create may have more. */
export function namespaceOf(name: string, object?: KubernetesObject, labels: Labels = Labels.of([])): Namespace {
  return {
    name,
    labels: labels.with([[nameLabel, name]], { isIncomplete: object === undefined }),
    object,
    workloads: [],
    policies: [],
    services: [],
    unreadPods: [],
    unreadPolicies: [],
  };
}

/** Reads the pods of a workload, with labels in addition to those of its template. */
export function readWorkload(
  object: KubernetesObject,
  namespace: Namespace,
  { metadata, spec }: PodTemplate,
  extra: Iterable<readonly [string, LabelValue]>,
): Workload {
  const { added, isIncomplete } = generatedLabels(object);
  const labels = Labels.read(metadata.get("labels")).with([...added, ...extra], { isIncomplete });
  const hostNetwork = spec.get("hostNetwork");
  const dnsPolicy = spec.get("dnsPolicy");
  const flag = hostNetwork.flag() ?? false;
  return {
    namespace,
    title: title(object),
    subject: object,
    labels,
    ports: readPorts(spec, object.notes.malformed.size > 0),
    hostNetwork: hostNetwork.isUnknown ? "maybe" : verdict(flag),
    isExternal: false,
    get dnsPolicy() {
      return dnsPolicy.text() ?? (dnsPolicy.isUnknown ? undefined : "ClusterFirst");
    },
    policies: [],
    possiblePolicies: [],
    isSelectedBy: (selector) => decide(selector, labels),
  };
}

/** The ports of containers and sidecars. Other init containers end before the pod is ready. */
function readPorts(spec: Value, isMalformed: boolean): PodPorts {
  const containers = containersOf(spec).filter(({ list }) => list !== "ephemeralContainers");
  const lists = [spec.get("containers"), spec.get("initContainers")];
  const ports = { declared: [] as ContainerPort[], withoutPorts: [] as string[] };
  let isIncomplete = isMalformed || lists.some(({ isUnknown }) => isUnknown);
  for (const { list, value } of containers) {
    const [restartPolicy, entries] = [value.get("restartPolicy"), value.get("ports")];
    const isLongRunning = list === "containers" || restartPolicy.text() === "Always";
    if (list === "initContainers" && restartPolicy.isUnknown) isIncomplete = true;
    if (!isLongRunning) continue;
    const read = entries.items().map(readPort);
    if (entries.isUnknown || read.includes(undefined)) isIncomplete = true;
    else if (read.length === 0) ports.withoutPorts.push(containerName(value));
    ports.declared.push(...read.filter((port) => port !== undefined));
  }
  return { ...ports, isIncomplete };
}

/** Undefined if a part is unknown. */
function readPort(entry: Value): ContainerPort | undefined {
  const [name, protocol] = [entry.get("name"), entry.get("protocol")];
  const port = entry.get("containerPort").integer();
  const known = { name: name.text() || undefined, protocol: readProtocol(protocol) };
  return port === undefined || name.isUnknown || protocol.isUnknown ? undefined : { ...known, port };
}
