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
  readonly name: string;
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

/** The kinds that policies judge; every other resource is passed over by its type alone. */
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

const types = new Map<string, ResourceType | undefined>();

/** The Kubernetes objects of a resource: one, those of a list, or none when it is of no kind that we judge. */
export function objectsOf(resource: Resource): readonly KubernetesObject[] {
  const type = cached(resource.type);
  if (type === undefined) return [];
  const notes = new Notes();
  const root = Value.root(resource.props, notes, { partial: type.form === "patch" });
  if (type.form !== "list") return [objectAt(root, type, resource, notes)];
  return root
    .get("items")
    .items()
    .map((item) => {
      const own = new Notes();
      return objectAt(item.notedIn(own), memberType(item, type), resource, own);
    })
    .filter((object) => isJudged(object.group, object.kind));
}

/** How the object is named in messages, for example `StatefulSet nx-persistent/nx-postgresql-primary`. */
export function title(object: Pick<KubernetesObject, "kind" | "namespace" | "name" | "partial">): string {
  const kind = object.partial ? `${object.kind}Patch` : object.kind;
  return object.kind === "Namespace" ? `${kind} ${object.name}` : `${kind} ${object.namespace ?? "?"}/${object.name}`;
}

function cached(token: string): ResourceType | undefined {
  if (!types.has(token)) types.set(token, parseType(token));
  return types.get(token);
}

function parseType(token: string): ResourceType | undefined {
  const match = /^kubernetes:([^/:]+)\/[^/:]+:(\w*?)(Patch|List)?$/.exec(token);
  if (match === null) return undefined;
  const [, group = "", kind = "", suffix] = match;
  const form = suffix === "Patch" ? "patch" : suffix === "List" ? "list" : "object";
  const mixedList = form === "list" && kind === "" && group === "core";
  return mixedList || isJudged(group, kind) ? { group, kind, form } : undefined;
}

function isJudged(group: string, kind: string): boolean {
  return Object.hasOwn(groupsOfKind, kind) && (groupsOfKind[kind] ?? []).includes(group);
}

/** The members of a `v1.List` each name their own kind. */
function memberType(item: Value, list: ResourceType): ResourceType {
  if (list.kind !== "") return list;
  const [group = "", version] = (item.get("apiVersion").text() ?? "").split("/");
  return { group: version === undefined ? "core" : group, kind: item.get("kind").text() ?? "", form: "object" };
}

function objectAt(value: Value, type: ResourceType, resource: Resource, notes: Notes): KubernetesObject {
  const metadata = value.get("metadata");
  return {
    urn: resource.urn,
    group: type.group,
    kind: type.kind,
    namespace: namespaceOf(metadata, resource),
    name: metadata.get("name").textIfKnown() ?? metadata.get("generateName").textIfKnown() ?? resource.name,
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
