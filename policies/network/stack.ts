import {
  objectsOf,
  title,
  unreadableList,
  type KindFilter,
  type KubernetesObject,
  type Resource,
} from "../kubernetes/objects.ts";
import { customPodTemplateOf, createsPods, podTemplateOf, type PodTemplate } from "../kubernetes/pods.ts";
import { printable } from "../kubernetes/printable.ts";
import { validate } from "../kubernetes/validation/index.ts";
import { validateTemplate } from "../kubernetes/validation/pod-template.ts";
import { namespaceOf, readWorkload, type Namespace, type Workload } from "./endpoints.ts";
import { selectsByOrdinal, ordinalPods } from "./generated-labels.ts";
import { Labels } from "./labels.ts";
import { isPods, readNetworkPolicy, type NetworkPolicy } from "./objects.ts";
import { affectedNamespace, isOtherEngine } from "./other-engines.ts";
import { applyPatches } from "./patches.ts";
import { readService } from "./services.ts";
import { mayCreatePods } from "./unread-pods.ts";
import { isWebhook, readWebhooks, type Webhook } from "./webhooks.ts";

const kinds = ["Namespace", "NetworkPolicy", "PodDisruptionBudget", "Service", unreadableList.kind];

const isRead: KindFilter = (group, kind) => {
  return (
    kinds.includes(kind) ||
    createsPods(kind) ||
    isWebhook(kind) ||
    isOtherEngine(group, kind) ||
    mayCreatePods(group, kind)
  );
};

/** The network objects and pods of a stack, with patches applied. */
export class NetworkStack {
  readonly namespaces = new Map<string, Namespace>();
  readonly policies: NetworkPolicy[] = [];
  readonly workloads: Workload[] = [];
  readonly webhooks: Webhook[] = [];
  /** Holds the objects whose namespace is unknown. */
  readonly unknownNamespace: Namespace = { ...namespaceOf("?"), labels: Labels.of([], { isIncomplete: true }) };
  /** Namespace objects with unknown names: any name may be one of theirs. */
  readonly unnamedNamespaces: KubernetesObject[] = [];
  /** Unread objects that may create pods, or allow or deny connections, in any namespace. */
  readonly unreadPods: string[] = [];
  readonly unreadPolicies: string[] = [];
  /** All objects that were read, with their unknown values. */
  readonly objects: KubernetesObject[] = [];
  /** Validated objects, with what the API server would reject. */
  readonly validated: KubernetesObject[] = [];

  constructor(resources: readonly Resource[]) {
    const objects = applyPatches(resources.flatMap((resource) => objectsOf(resource, isRead)));
    this.objects.push(...objects);
    for (const object of objects) if (object.namespace === undefined) noteUnknownNamespace(object);
    for (const object of objects) this.readNamespace(object);
    for (const object of objects) this.readRest(object);
    for (const { services } of this.namespaces.values()) services.push(...this.unknownNamespace.services);
    const splitsByOrdinal = this.policies.some(usesOrdinals);
    for (const object of objects) this.readWorkload(object, splitsByOrdinal);
  }

  namespace(name: string | undefined): Namespace {
    if (name === undefined) return this.unknownNamespace;
    let namespace = this.namespaces.get(name);
    if (namespace === undefined) {
      namespace = namespaceOf(name);
      this.namespaces.set(name, namespace);
    }
    return namespace;
  }

  private readNamespace(object: KubernetesObject): void {
    if (object.kind !== "Namespace" || object.group !== "core") return;
    validate(object);
    this.validated.push(object);
    const { knownName, partial, value } = object;
    if (knownName === undefined) {
      value.get("metadata", "name").text();
      if (!partial) this.unnamedNamespaces.push(object);
    } else {
      const patched = this.namespaces.get(knownName)?.labels.entries ?? [];
      const labels = Labels.read(value.get("metadata", "labels")).with(patched);
      this.namespaces.set(knownName, namespaceOf(knownName, partial ? undefined : object, labels));
    }
  }

  private readRest(object: KubernetesObject): void {
    const { group, kind, partial } = object;
    if (isOtherEngine(group, kind)) this.readOtherEngine(object);
    else if (kind === "NetworkPolicy") {
      const policy = readNetworkPolicy(object);
      this.policies.push(policy);
      if (policy.namespace !== undefined) this.namespace(policy.namespace).policies.push(policy);
      this.validated.push(object);
    } else if (kind === "Service" && group === "core" && !partial) {
      this.namespace(object.namespace).services.push(readService(object));
      this.validated.push(object);
    } else if (kind === unreadableList.kind && group === unreadableList.group) {
      this.unreadPods.push(title(object));
      this.unreadPolicies.push(`whether unreadable items of ${title(object)} are network policies`);
      this.validated.push(object);
    } else if (kind === "PodDisruptionBudget") {
      validate(object);
      this.validated.push(object);
    } else if (isWebhook(kind)) this.webhooks.push(...readWebhooks(object));
  }

  private readOtherEngine(object: KubernetesObject): void {
    const name = affectedNamespace(object);
    const where = name === undefined ? "" : ` in namespace ${name}`;
    const isClusterWide = name === undefined && object.namespace !== undefined;
    const shown = isClusterWide ? printable(`${object.kind} ${object.name}`) : title(object);
    const unread = `whether ${shown} allows or denies more connections${where}: the pack does not read this kind`;
    if (name === undefined) this.unreadPolicies.push(unread);
    else this.namespace(name).unreadPolicies.push(unread);
  }

  private readWorkload(object: KubernetesObject, splitsByOrdinal: boolean): void {
    const { group, kind, partial } = object;
    if (partial || kind === "PodTemplate") return;
    if (createsPods(kind)) this.addWorkload(object, podTemplateOf(object), splitsByOrdinal);
    else if (mayCreatePods(group, kind)) this.addCustom(object);
  }

  private addWorkload(object: KubernetesObject, template: PodTemplate | undefined, splitsByOrdinal: boolean): void {
    if (template === undefined) return;
    const notes = validateTemplate(template);
    for (const [path, problem] of notes.malformed) object.notes.malformed.set(path, problem);
    this.validated.push({ ...object, notes });
    const namespace = this.namespace(object.namespace);
    const pods = splitsByOrdinal && object.kind === "StatefulSet" ? ordinalPods(object) : [[]];
    for (const extra of pods) {
      const workload = readWorkload(object, namespace, template, extra);
      namespace.workloads.push(workload);
      if (namespace !== this.unknownNamespace) this.workloads.push(workload);
    }
  }

  /** Reads the pod template of a custom resource; without one, the resource may create unknown pods. */
  private addCustom(object: KubernetesObject): void {
    const template = customPodTemplateOf(object);
    if (template !== undefined) {
      this.addWorkload(object, template, false);
      return;
    }
    const isRelease = object.group === "helm.sh";
    const at = isRelease ? object.value.get("namespace") : undefined;
    const name = at === undefined ? object.namespace : at.isUnknown ? undefined : (at.text() ?? "default");
    const { unreadPods, unreadPolicies } = name === undefined ? this : this.namespace(name);
    unreadPods.push(title({ ...object, namespace: name }));
    if (isRelease) unreadPolicies.push(`whether ${title({ ...object, namespace: name })} deploys network policies`);
  }
}

/** Notes that an object's namespace is unknown: its own, or the provider's. */
function noteUnknownNamespace({ value, notes }: KubernetesObject): void {
  const namespace = value.get("metadata", "namespace");
  if (namespace.isUnknown) namespace.text();
  else notes.unknown.add("the provider's namespace");
}

function usesOrdinals({ podSelector, rules }: NetworkPolicy): boolean {
  const peers = [...rules.ingress, ...rules.egress].flatMap((rule) => rule.peers ?? []).filter(isPods);
  return [podSelector, ...peers.flatMap(({ pods }) => pods ?? [])].some(selectsByOrdinal);
}
