import type { Amounts } from "./amounts.ts";

/** A resource as the program registers it. */
export interface PlannedResource {
  /** Type in Pulumi, such as `kubernetes:apps/v1:StatefulSet`. */
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What the scheduler reserves for a pod, and what its containers may use. */
export interface PodAmounts {
  readonly requests: Amounts;
  readonly limits: Amounts;
}

/** Pods that are alike. */
export interface Workload {
  readonly namespace: string;
  readonly name: string;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly pods: number;
  readonly pod: PodAmounts;
  /** Whether the pods end when their work is done: those of Jobs. */
  readonly ends: boolean;
  /** Pods that an update starts before it stops old ones. */
  readonly surge: number;
  /** Whether every pod must have a node of its own. */
  readonly apart: boolean;
  /** Bytes of all volumes. */
  readonly storage: number;
}

interface Named {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

export const metadataOf = ({ inputs }: PlannedResource) => (inputs as unknown as Named).metadata;

/** The type name without API group and version, such as `StatefulSet`. */
export const kindOf = ({ type }: PlannedResource): string => type.split(":").at(-1) ?? type;
