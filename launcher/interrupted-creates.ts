/**
 * What a killed `pulumi up` leaves: operations that it had begun. Updates and deletions are simply done again by the next
 * `up`. But an object whose creation had begun may exist without being in the state; then creating it again would fail.
 * Such objects are put into the state here, and the next `up` goes on with them.
 */
import type { KubernetesObject } from "@kubernetes/client-node";

/** A resource in Pulumi's exported state, as far as it matters here. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly custom?: boolean;
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

export interface PendingOperation {
  readonly type: string;
  readonly resource: StateResource;
}

/** What `pulumi stack export` writes. */
export interface ExportedState {
  readonly version: number;
  readonly deployment: {
    readonly resources?: readonly StateResource[];
    readonly pending_operations?: readonly PendingOperation[];
  };
}

/** Gives the live object of this kind and name, or undefined if there is none. */
export type Lookup = (object: KubernetesObject) => Promise<KubernetesObject | undefined>;

/** The operations that an interrupted run had begun. */
export function pendingOperations(state: ExportedState): readonly PendingOperation[] {
  return state.deployment.pending_operations ?? [];
}

/** A resource for every Kubernetes object that was created by an interrupted run but never got into the state. */
export async function createdMeanwhile(state: ExportedState, lookup: Lookup): Promise<StateResource[]> {
  const known = new Set((state.deployment.resources ?? []).map(({ urn }) => urn));
  const adopted: StateResource[] = [];
  for (const { type, resource } of pendingOperations(state)) {
    if (type !== "creating" || known.has(resource.urn) || !resource.type.startsWith("kubernetes:")) continue;
    const live = await lookup(resource.inputs as KubernetesObject);
    const manager = live === undefined ? undefined : fieldManager(live);
    if (live !== undefined && manager !== undefined) adopted.push(asCreated(resource, live, manager));
  }
  return adopted;
}

/** Who applied the object, if that was Pulumi: what others made is not ours to take. */
function fieldManager(live: KubernetesObject): string | undefined {
  return live.metadata?.managedFields
    ?.map(({ manager }) => manager)
    .find((manager) => manager?.startsWith("pulumi-kubernetes"));
}

/** The resource as its provider would have recorded it. Values stay as they are in the state: secrets are encrypted there. */
function asCreated(resource: StateResource, live: KubernetesObject, manager: string): StateResource {
  const { name = "", namespace } = live.metadata ?? {};
  return {
    ...resource,
    id: namespace === undefined ? name : `${namespace}/${name}`,
    outputs: {
      ...resource.inputs,
      __inputs: resource.inputs,
      __initialApiVersion: live.apiVersion,
      __fieldManager: manager,
    },
  };
}

/** The state with these resources in it and nothing pending. */
export function mended(state: ExportedState, adopted: readonly StateResource[]): ExportedState {
  const { deployment } = state;
  return {
    ...state,
    deployment: { ...deployment, resources: [...(deployment.resources ?? []), ...adopted], pending_operations: [] },
  };
}
