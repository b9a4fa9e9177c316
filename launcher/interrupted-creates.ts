/**
 * Recovers from a killed `pulumi up`. The next `up` repeats pending updates and deletions. But an object of a pending
 * create may exist without being in the state, and creating it again would fail. Such objects are added to the state
 * here, and the next `up` continues with them.
 */
import type { LiveObject, ObjectReference } from "./cluster-api.ts";

/** The fields of a resource in Pulumi's exported state that are used here. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly custom?: boolean;
  /** Read by the program, not managed by it. */
  readonly external?: boolean;
  /** Replaced, and to be deleted. */
  readonly delete?: boolean;
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

export interface PendingOperation {
  readonly type: string;
  readonly resource: StateResource;
}

/** The output of `pulumi stack export`. */
export interface ExportedState {
  readonly version: number;
  readonly deployment: {
    readonly resources?: readonly StateResource[];
    readonly pending_operations?: readonly PendingOperation[];
  };
}

/** Reads the live object of this kind and name; undefined if there is none. */
export type Lookup = (object: ObjectReference) => Promise<LiveObject | undefined>;

/** The operations that an interrupted run did not finish. */
export function pendingOperations(state: ExportedState): readonly PendingOperation[] {
  return state.deployment.pending_operations ?? [];
}

/** A resource for each Kubernetes object that an interrupted run created but did not record in the state. */
export async function unrecordedResources(state: ExportedState, lookup: Lookup): Promise<StateResource[]> {
  const known = new Set((state.deployment.resources ?? []).map(({ urn }) => urn));
  const unrecorded: StateResource[] = [];
  for (const { type, resource } of pendingOperations(state)) {
    if (type !== "creating" || known.has(resource.urn) || !resource.type.startsWith("kubernetes:")) continue;
    const live = await lookup(resource.inputs as unknown as ObjectReference);
    const manager = live === undefined ? undefined : pulumiFieldManager(live);
    if (live !== undefined && manager !== undefined) unrecorded.push(recorded(resource, live, manager));
  }
  return unrecorded;
}

/** The object's field manager, if it is Pulumi's. Objects of other managers are not adopted. */
function pulumiFieldManager(live: LiveObject): string | undefined {
  return live.metadata.managedFields
    ?.map(({ manager }) => manager)
    .find((manager) => manager?.startsWith("pulumi-kubernetes"));
}

/** The resource as its provider would record it. Copies the inputs unchanged: their secrets stay encrypted. */
function recorded(resource: StateResource, live: LiveObject, manager: string): StateResource {
  const { name, namespace } = live.metadata;
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

/** The state with these resources added and all pending operations removed. */
export function withoutPendingOperations(state: ExportedState, adopted: readonly StateResource[]): ExportedState {
  const { deployment } = state;
  return {
    ...state,
    deployment: { ...deployment, resources: [...(deployment.resources ?? []), ...adopted], pending_operations: [] },
  };
}
