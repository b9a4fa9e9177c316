import type { Namespace } from "../names.ts";

/** One end of a connection: pods, and the ports they listen on. Declared by the component that creates the pods. */
export interface Endpoint {
  readonly namespace: Namespace;
  /** Labels that select the pods; {} selects all pods of the namespace. */
  readonly pods: Readonly<Record<string, string>>;
  /** Container ports by name, not Service ports; {} for pods that are only clients. */
  readonly ports: Readonly<Record<string, number>>;
}

/** An allowed connection between pods, and its two policies: egress at the client, ingress at the server. */
export interface Flow {
  readonly from: Endpoint;
  readonly to: Endpoint;
  /** Name of the policy in the client's namespace. */
  readonly egress: string;
  /** Name of the policy in the server's namespace. */
  readonly ingress: string;
}

/** An allowed connection to addresses outside the cluster. It has no ingress policy. */
export interface OutsideFlow {
  /** Pods with one of these values of the label `app.kubernetes.io/name`. */
  readonly from: { readonly namespace: Namespace; readonly applications: readonly string[] };
  /** IPv4 addresses, in CIDR notation. */
  readonly to: { readonly addresses: string; readonly except: readonly string[]; readonly ports: readonly number[] };
  /** Name of the policy in the clients' namespace. */
  readonly egress: string;
}
