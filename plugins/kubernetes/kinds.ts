/** Names of kinds: from type tokens, from objects, and what is known of built-in ones without asking a server. */
import { isFields, text, type Fields, type Value } from "./values.ts";

/** A group (empty for the core group), a version and a kind. */
export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export const apiVersionOf = (gvk: GroupVersionKind): string =>
  gvk.group === "" ? gvk.version : `${gvk.group}/${gvk.version}`;

export function kindOf(object: Value): GroupVersionKind {
  const [first = "", second] = text(object, "apiVersion").split("/");
  const group = second === undefined || first === "core" ? "" : first;
  return { group, version: second ?? first, kind: text(object, "kind") };
}

/** The type in a URN: `kubernetes:apps/v1:Deployment`. */
export function typeOfUrn(urn: string): string {
  const qualified = urn.split("::")[2] ?? "";
  return qualified.slice(qualified.lastIndexOf("$") + 1);
}

export const nameOfUrn = (urn: string): string => urn.split("::").slice(3).join("::");

/**
 * The kind that a type token names.
 * @throws Error when the token is not of the form `kubernetes:group/version:Kind`.
 */
export function kindOfType(type: string): GroupVersionKind {
  const [, group, version, kind] = /^kubernetes:([^/:]+)\/([^/:]+):([^:]+)$/.exec(type) ?? [];
  if (group === undefined || version === undefined || kind === undefined) {
    throw new Error(`"${type}" is not a Kubernetes resource type; expected kubernetes:group/version:Kind`);
  }
  return { group: group === "core" ? "" : group, version, kind };
}

/** A `*Patch` resource owns some fields of an object that it does not own: `DeploymentPatch` patches a Deployment. */
export const isPatch = (urn: string, kind: string): boolean => typeOfUrn(urn).endsWith(`:${kind}Patch`);

/** A `*List` resource exists for compatibility with manifests only. */
export function isList(urn: string): boolean {
  const { group, version, kind } = kindOfType(typeOfUrn(urn));
  return kind.endsWith("List") && isBuiltIn(group === "" ? version : `${group}/${version}`);
}

const isOf = (object: Value, group: string, kind: string): boolean => {
  const gvk = kindOf(object);
  return gvk.group === group && gvk.kind === kind;
};
export const isSecret = (object: Value): boolean => isOf(object, "", "Secret");
export const isConfigMap = (object: Value): boolean => isOf(object, "", "ConfigMap");
export const isCustomResourceDefinition = (object: Value): boolean =>
  isOf(object, "apiextensions.k8s.io", "CustomResourceDefinition");

const builtInGroups = new Set([
  "admissionregistration.k8s.io",
  "apiextensions.k8s.io",
  "apiregistration.k8s.io",
  "apps",
  "auditregistration.k8s.io",
  "autoscaling",
  "batch",
  "certificates.k8s.io",
  "coordination.k8s.io",
  "discovery.k8s.io",
  "events.k8s.io",
  "extensions",
  "flowcontrol.apiserver.k8s.io",
  "networking.k8s.io",
  "node.k8s.io",
  "policy",
  "rbac.authorization.k8s.io",
  "resource.k8s.io",
  "scheduling.k8s.io",
  "storage.k8s.io",
  "storagemigration.k8s.io",
]);

/** Whether Kubernetes itself, not a CustomResourceDefinition, defines this apiVersion. */
export function isBuiltIn(apiVersion: string): boolean {
  const [group, version] = apiVersion.split("/");
  return version === undefined ? group === "v1" : group === "core" || builtInGroups.has(group ?? "");
}

const clusterScoped = new Set(
  (
    "APIService CertificateSigningRequest ClusterRole ClusterRoleBinding CSIDriver CSINode CustomResourceDefinition " +
    "FlowSchema IngressClass MutatingWebhookConfiguration Namespace Node PersistentVolume PodSecurityPolicy " +
    "PriorityClass PriorityLevelConfiguration RuntimeClass StorageClass ValidatingWebhookConfiguration VolumeAttachment"
  ).split(" "),
);
const namespaced = new Set(
  (
    "Binding ConfigMap ControllerRevision CronJob CSIStorageCapacity DaemonSet Deployment Endpoints EndpointSlice " +
    "Event HorizontalPodAutoscaler Ingress Job Lease LimitRange NetworkPolicy PersistentVolumeClaim Pod " +
    "PodDisruptionBudget PodTemplate ReplicaSet ReplicationController ResourceQuota Role RoleBinding Secret Service " +
    "ServiceAccount StatefulSet"
  ).split(" "),
);

/** Whether objects of a built-in kind live in a namespace; undefined for a kind that only the server knows. */
export function isNamespacedBuiltIn(gvk: GroupVersionKind): boolean | undefined {
  if (!isBuiltIn(apiVersionOf(gvk))) return undefined;
  const kind = gvk.kind.replace(/Patch$/, "");
  if (clusterScoped.has(kind)) return false;
  return namespaced.has(kind) ? true : undefined;
}

/** The group, kind and scope that a CustomResourceDefinition introduces. */
export function definedKind(crd: Fields): { group: string; kind: string; namespaced: boolean } | undefined {
  if (!isFields(crd["spec"])) return undefined;
  return {
    group: text(crd, "spec", "group"),
    kind: text(crd, "spec", "names", "kind"),
    namespaced: text(crd, "spec", "scope") === "Namespaced",
  };
}
