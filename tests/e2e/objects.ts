import { kubectl, type KubernetesObject, list } from "./kubernetes.ts";
import { state } from "./stack.ts";

/** What the cluster makes, changes and removes by itself. */
const byTheCluster =
  /^(pods|replicasets\.apps|controllerrevisions\.apps|events(\..*)?|endpoints|endpointslices\..*|leases\..*|nodes|csinodes\..*|componentstatuses|ipaddresses\..*|servicecidrs\..*)$/;

/** All objects of the cluster, of any kind, but for what it makes by itself. */
async function objects(): Promise<KubernetesObject[]> {
  const kinds = (await kubectl(["api-resources", "--verbs=list,delete", "--output=name"])).trim().split("\n");
  return list([...new Set(kinds)].filter((kind) => !byTheCluster.test(kind)).join(","));
}

function nameOf({ kind, metadata: { namespace, name } }: KubernetesObject): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

/** Names of all objects of the cluster, as `Kind namespace/name`, but for those in the namespaces of its own. */
export async function objectNames(): Promise<string[]> {
  return (await objects())
    .filter(({ metadata }) => !metadata.namespace?.startsWith("kube-"))
    .map(nameOf)
    .sort();
}

/** What a stack has made: the resources in Pulumi's state, and objects by their name. */
export interface Made {
  readonly resources: readonly string[];
  readonly objects: Readonly<Record<string, unknown>>;
}

/** Everything that the stack has made, without what differs from one run to the next: identities, times, passwords. */
export async function made(): Promise<Made> {
  const { resources } = await state();
  const ours = (await objects()).filter(({ kind, metadata }) =>
    (kind === "Namespace" ? metadata.name : metadata.namespace)?.startsWith("nx-"),
  );
  return {
    resources: resources.map(({ urn }) => urn).sort(),
    objects: Object.fromEntries(ours.map((object) => [nameOf(object), lasting(object)] as const).sort()),
  };
}

/** Fields that belong to one life of an object, or are made of passwords. */
const fleeting = new Set([
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "managedFields",
  "status",
  "annotations",
  // a Job's own mark on its pods
  "controller-uid",
  "batch.kubernetes.io/controller-uid",
  // of Kafka, generated like a password
  "cluster-id",
]);
const assigned = new Set(["clusterIP", "clusterIPs", "volumeName"]);

function lasting(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lasting);
  if (typeof value !== "object" || value === null) return value;
  const { kind } = value as { kind?: unknown };
  const entries = Object.entries(value).filter(([key]) => !fleeting.has(key) && !assigned.has(key));
  return Object.fromEntries(
    entries.map(([key, field]) => [
      key,
      kind === "Secret" && key === "data" ? Object.keys(field as object).sort() : lasting(field),
    ]),
  );
}
