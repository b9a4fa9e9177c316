import { kubectl, type KubernetesObject, list } from "./kubernetes.ts";
import { state } from "./stack.ts";

/** Resources that the cluster itself creates, changes and deletes. */
const clusterManaged =
  /^(pods|replicasets\.apps|controllerrevisions\.apps|events(\..*)?|endpoints|endpointslices\..*|leases\..*|nodes|csinodes\..*|componentstatuses|ipaddresses\..*|servicecidrs\..*)$/;

/** All objects of the cluster, of any kind, except those that it manages itself. */
async function objects(): Promise<KubernetesObject[]> {
  const kinds = (await kubectl(["api-resources", "--verbs=list,delete", "--output=name"])).trim().split("\n");
  return list([...new Set(kinds)].filter((kind) => !clusterManaged.test(kind)).join(","));
}

function nameOf({ kind, metadata: { namespace, name } }: KubernetesObject): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

/** Names of all objects of the cluster, as `Kind namespace/name`, except those in `kube-` namespaces. */
export async function objectNames(): Promise<string[]> {
  return (await objects())
    .filter(({ metadata }) => !metadata.namespace?.startsWith("kube-"))
    .map(nameOf)
    .sort();
}

/** What a stack has created: the resources in Pulumi's state, and the objects in the cluster by name. */
export interface Created {
  readonly resources: readonly string[];
  readonly objects: Readonly<Record<string, unknown>>;
}

/** Everything that the stack has created, without fields that differ between runs: uids, times, passwords. */
export async function created(): Promise<Created> {
  const { resources } = await state();
  const ours = (await objects()).filter(({ kind, metadata }) =>
    (kind === "Namespace" ? metadata.name : metadata.namespace)?.startsWith("nx-"),
  );
  return {
    resources: resources.map(({ urn }) => urn).sort(),
    objects: Object.fromEntries(ours.map((object) => [nameOf(object), stable(object)] as const).sort()),
  };
}

/** Fields that differ each time an object is created, or that are derived from passwords. */
const volatileFields = new Set([
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "managedFields",
  "status",
  "annotations",
  // labels of a Job's pods with its uid
  "controller-uid",
  "batch.kubernetes.io/controller-uid",
  // Kafka's, generated like a password
  "cluster-id",
]);
const assignedFields = new Set(["clusterIP", "clusterIPs", "volumeName"]);

function stable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stable);
  if (typeof value !== "object" || value === null) return value;
  const { kind } = value as { kind?: unknown };
  const entries = Object.entries(value).filter(([key]) => !volatileFields.has(key) && !assignedFields.has(key));
  return Object.fromEntries(
    entries.map(([key, field]) => [
      key,
      kind === "Secret" && key === "data" ? Object.keys(field as object).sort() : stable(field),
    ]),
  );
}
