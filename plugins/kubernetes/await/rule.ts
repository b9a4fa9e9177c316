/** When an object is ready, told by pure functions of what is seen in the cluster. */
import { uidOf } from "../metadata.ts";
import { list, text, type Fields } from "../values.ts";

/** Collections in the namespace of an object that its readiness depends on. */
export const relatedPaths = {
  pods: (namespace: string): string => `/api/v1/namespaces/${namespace}/pods`,
  claims: (namespace: string): string => `/api/v1/namespaces/${namespace}/persistentvolumeclaims`,
  services: (namespace: string): string => `/api/v1/namespaces/${namespace}/services`,
  replicaSets: (namespace: string): string => `/apis/apps/v1/namespaces/${namespace}/replicasets`,
  endpointSlices: (namespace: string): string => `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
} as const;
export type Related = keyof typeof relatedPaths;

export interface Seen {
  readonly object: Fields;
  /** As it was before the update; absent after a create. */
  readonly before?: Fields;
  readonly related: Readonly<Partial<Record<Related, readonly Fields[]>>>;
  /** Nothing related has changed for `settleTime`. */
  readonly settled: boolean;
}

export interface Verdict {
  readonly ready: boolean;
  /** It will never be ready. */
  readonly failed?: boolean;
  /** What is waited for, in a few words. */
  readonly status: string;
  /** Why it is not ready, as far as the kind itself says so. */
  readonly reasons?: readonly string[];
  /** Worth showing although it is ready. */
  readonly warning?: string;
}

export interface Rule {
  readonly related: readonly Related[];
  readonly judge: (seen: Seen) => Verdict;
  /** The pods that make the object ready or not; their problems are reported. */
  readonly pods?: (seen: Seen) => readonly Fields[];
  /** Whether a refresh looks at it too, and reports what is not ready. */
  readonly onRead: boolean;
  /** Seconds, unless the program says otherwise. @default 600 */
  readonly timeout?: number;
}

/** How long related objects must stay unchanged to count as settled, in milliseconds. */
export const settleTime = 3000;

export const ready = (status: string): Verdict => ({ ready: true, status });
export const waiting = (status: string, ...reasons: string[]): Verdict => ({ ready: false, status, reasons });

/** The items that the owner's controller made. */
export const ownedBy = (owner: Fields | undefined, items: readonly Fields[] | undefined): Fields[] =>
  owner === undefined
    ? []
    : (items ?? []).filter((item) =>
        list(item, "metadata", "ownerReferences").some((reference) => text(reference, "uid") === uidOf(owner)),
      );

export const condition = (object: Fields, type: string): Fields | undefined =>
  list(object, "status", "conditions").find((item) => text(item, "type") === type);
