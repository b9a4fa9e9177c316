import { printable } from "./printable.ts";
import { Notes, Value } from "./value.ts";

/** The parts of a Pulumi resource that policies use; both resource and stack policies receive them. */
export interface Resource {
  /** For example `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
  readonly urn: string;
  /** Pulumi's name, not the object's. */
  readonly name: string;
  readonly props: unknown;
  readonly provider?: { readonly props: unknown };
}

/** A Kubernetes object that a resource creates. */
export interface KubernetesObject {
  readonly urn: string;
  /** `core` for the legacy group. */
  readonly group: string;
  readonly kind: string;
  /** Undefined if unknown. If the object sets none: the provider's namespace, or `default`. */
  readonly namespace: string | undefined;
  /** For messages: Pulumi's name if the object's is unknown. */
  readonly name: string;
  /** Undefined if unknown, for example if the API server or Pulumi generates it. */
  readonly knownName: string | undefined;
  /** The object is a patch: a field that it omits is not unset. */
  readonly partial: boolean;
  readonly value: Value;
  readonly notes: Notes;
}

interface ResourceType {
  readonly group: string;
  readonly kind: string;
  readonly form: "object" | "patch" | "list";
}

/** The kinds that policies check one by one. Resources of other types are skipped without decoding. */
const groupsOfKind: Readonly<Record<string, readonly string[]>> = {
  Pod: ["core"],
  ReplicationController: ["core"],
  PodTemplate: ["core"],
  Deployment: ["apps", "extensions"],
  StatefulSet: ["apps"],
  DaemonSet: ["apps", "extensions"],
  ReplicaSet: ["apps", "extensions"],
  Job: ["batch"],
  CronJob: ["batch"],
  Namespace: ["core"],
  Service: ["core"],
  ConfigMap: ["core"],
  ServiceAccount: ["core"],
  LimitRange: ["core"],
  NetworkPolicy: ["networking.k8s.io", "extensions"],
  PodDisruptionBudget: ["policy"],
};

/** Selects the kinds that a caller reads. */
export type KindFilter = (group: string, kind: string) => boolean;

export const isChecked: KindFilter = (group, kind) => {
  return Object.hasOwn(groupsOfKind, kind) && (groupsOfKind[kind] ?? []).includes(group);
};

const types = new Map<string, ResourceType | undefined>();

/** The Kubernetes objects of a resource: the object, the items of a list, or none if the filter excludes the kind. */
export function objectsOf(resource: Resource, filter: KindFilter = isChecked): readonly KubernetesObject[] {
  const type = cached(resource.type);
  const isList = type?.form === "list";
  if (type === undefined || !(isList || filter(type.group, type.kind))) return [];
  const notes = new Notes();
  const root = Value.root(resource.props, notes, { partial: type.form === "patch" });
  return membersOf(root, type, notes)
    .filter((member) => filter(member.type.group, member.type.kind))
    .map((member) => objectAt(member, resource));
}

interface Member {
  readonly value: Value;
  readonly type: ResourceType;
  readonly notes: Notes;
}

/**
 * The object itself, or the items of a list and of nested lists. If some items cannot be read, the list itself is
 * returned too and represents them.
 */
function membersOf(value: Value, type: ResourceType, notes: Notes): readonly Member[] {
  if (type.form !== "list") return [{ value, type, notes }];
  const list = value.get("items");
  const items = list.items();
  const readable = items.filter((item) => item.isSet && !item.isUnknown && !item.get("kind").isUnknown);
  const members = readable.flatMap((item) => {
    const own = new Notes();
    const read = item.withNotes(own);
    return membersOf(read, memberType(read, type), own);
  });
  if (!list.isUnknown && readable.length === items.length) return members;
  for (const item of items) if (!readable.includes(item)) item.get("kind").text();
  return [{ value, type: unreadableList, notes }, ...members];
}

export const unreadableList: ResourceType = { group: "core", kind: "List", form: "object" };

const clusterScopedKinds: ReadonlySet<string> = new Set([
  "APIService",
  "CustomResourceDefinition",
  "MutatingWebhookConfiguration",
  "Namespace",
  "ValidatingWebhookConfiguration",
]);

/** The object's name in messages, for example `StatefulSet nx-persistent/nx-postgresql-primary`. */
export function title(object: Pick<KubernetesObject, "kind" | "namespace" | "name" | "partial">): string {
  const kind = object.partial ? `${object.kind}Patch` : object.kind;
  const prefix = clusterScopedKinds.has(object.kind) ? "" : `${object.namespace ?? "?"}/`;
  return printable(`${kind} ${prefix}${object.name}`);
}

function cached(token: string): ResourceType | undefined {
  if (!types.has(token)) types.set(token, parseType(token));
  return types.get(token);
}

function parseType(token: string): ResourceType | undefined {
  const match = /^kubernetes:([^/:]+)\/[^/:]+:(\w+)$/.exec(token);
  return match === null ? undefined : typeOf(match[1] ?? "", match[2] ?? "");
}

function typeOf(group: string, name: string): ResourceType {
  const [, kind = name, suffix] = /^(\w*?)(Patch|List)$/.exec(name) ?? [];
  return { group, kind, form: suffix === "Patch" ? "patch" : suffix === "List" ? "list" : "object" };
}

function isMixedList({ group, kind, form }: ResourceType): boolean {
  return form === "list" && kind === "" && group === "core";
}

/** Each item of a `v1.List` sets its own kind. */
function memberType(item: Value, list: ResourceType): ResourceType {
  if (!isMixedList(list)) return { ...list, form: "object" };
  const [group = "", version] = (item.get("apiVersion").text() ?? "").split("/");
  const type = typeOf(version === undefined ? "core" : group, item.get("kind").text() ?? "");
  return type.form === "patch" ? { ...type, kind: `${type.kind}Patch`, form: "object" } : type;
}

function objectAt({ value, type, notes }: Member, resource: Resource): KubernetesObject {
  const metadata = value.get("metadata");
  const name = metadata.get("name").textIfKnown();
  return {
    urn: resource.urn,
    group: type.group,
    kind: type.kind,
    namespace: namespaceOf(metadata, resource),
    name: name ?? metadata.get("generateName").textIfKnown() ?? resource.name,
    knownName: name,
    partial: type.form === "patch",
    value,
    notes,
  };
}

function namespaceOf(metadata: Value, resource: Resource): string | undefined {
  const own = metadata.get("namespace");
  if (metadata.isUnknown || own.isUnknown) return undefined;
  const named = own.text();
  if (named !== undefined && named !== "") return named;
  const fromProvider = Value.root(resource.provider?.props, new Notes()).get("namespace");
  return fromProvider.isUnknown ? undefined : fromProvider.text() || "default";
}
