import { printable } from "./printable.ts";
import { Notes, Value } from "./value.ts";

/** The parts of a Pulumi resource that policies look at; resource and stack policies both have them. */
export interface Resource {
  /** For example `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
  readonly urn: string;
  /** Pulumi's name, not the object's. */
  readonly name: string;
  readonly props: unknown;
  readonly provider?: { readonly props: unknown };
}

/** One Kubernetes object that a resource brings about. */
export interface KubernetesObject {
  readonly urn: string;
  /** `core` for the legacy group. */
  readonly group: string;
  readonly kind: string;
  /** Undefined while it is not known. The provider's namespace, or `default`, where the object names none. */
  readonly namespace: string | undefined;
  /** For messages: Pulumi's name in place of one that is not known. */
  readonly name: string;
  /** Undefined while it is not known, as where the API server or Pulumi generates it. */
  readonly knownName: string | undefined;
  /** A patch says only what it changes: what it leaves out is not unset. */
  readonly partial: boolean;
  readonly value: Value;
  readonly notes: Notes;
}

interface ResourceType {
  readonly group: string;
  readonly kind: string;
  readonly form: "object" | "patch" | "list";
}

/** The kinds that policies judge one by one; every other resource is passed over by its type alone. */
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

/** Which kinds a caller wants to see. */
export type IsWanted = (group: string, kind: string) => boolean;

export const isJudged: IsWanted = (group, kind) => {
  return Object.hasOwn(groupsOfKind, kind) && (groupsOfKind[kind] ?? []).includes(group);
};

const types = new Map<string, ResourceType | undefined>();

/** The Kubernetes objects of a resource: one, those of a list, or none when it is of no kind that is wanted. */
export function objectsOf(resource: Resource, isWanted: IsWanted = isJudged): readonly KubernetesObject[] {
  const type = cached(resource.type);
  const isList = type?.form === "list";
  if (type === undefined || !(isList || isWanted(type.group, type.kind))) return [];
  const notes = new Notes();
  const root = Value.root(resource.props, notes, { partial: type.form === "patch" });
  return membersOf(root, type, notes)
    .filter((member) => isWanted(member.type.group, member.type.kind))
    .map((member) => objectAt(member, resource));
}

interface Member {
  readonly value: Value;
  readonly type: ResourceType;
  readonly notes: Notes;
}

/**
 * The object itself, or the items of a list, those of lists in it too. A list of which something cannot be read stands
 * beside its items, for what it holds back.
 */
function membersOf(value: Value, type: ResourceType, notes: Notes): readonly Member[] {
  if (type.form !== "list") return [{ value, type, notes }];
  const list = value.get("items");
  const items = list.items();
  const readable = items.filter((item) => item.isSet && !item.isUnknown && !item.get("kind").isUnknown);
  const members = readable.flatMap((item) => {
    const own = new Notes();
    const read = item.notedIn(own);
    return membersOf(read, memberType(read, type), own);
  });
  if (!list.isUnknown && readable.length === items.length) return members;
  for (const item of items) if (!readable.includes(item)) item.get("kind").text();
  return [{ value, type: unreadableList, notes }, ...members];
}

export const unreadableList: ResourceType = { group: "core", kind: "List", form: "object" };

const inNoNamespace: ReadonlySet<string> = new Set([
  "APIService",
  "CustomResourceDefinition",
  "MutatingWebhookConfiguration",
  "Namespace",
  "ValidatingWebhookConfiguration",
]);

/** How the object is named in messages, for example `StatefulSet nx-persistent/nx-postgresql-primary`. */
export function title(object: Pick<KubernetesObject, "kind" | "namespace" | "name" | "partial">): string {
  const kind = object.partial ? `${object.kind}Patch` : object.kind;
  const place = inNoNamespace.has(object.kind) ? "" : `${object.namespace ?? "?"}/`;
  return printable(`${kind} ${place}${object.name}`);
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

/** The members of a `v1.List` each name their own kind. */
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
