import type { Namespace } from "../names.ts";

/** One end of a connection: pods, and the ports they listen on. Declared once by the component that serves it. */
export interface Endpoint {
  readonly namespace: Namespace;
  /** Labels that select the pods; {} for all pods of the namespace. */
  readonly pods: Readonly<Record<string, string>>;
  /** Ports of the pods by name, not of a Service in front of them; {} for those that are only clients. */
  readonly ports: Readonly<Record<string, number>>;
}

/** Who may open a connection to whom, and the two policies that say so: one where it leaves, one where it arrives. */
export interface Flow {
  readonly from: Endpoint;
  readonly to: Endpoint;
  /** Name of the policy in the client's namespace. */
  readonly egress: string;
  /** Name of the policy in the server's namespace. */
  readonly ingress: string;
}

/** Who may open a connection out of the cluster, where no policy of ours says what arrives. */
export interface OutsideFlow {
  /** Pods of one of these applications (label `app.kubernetes.io/name`). */
  readonly from: { readonly namespace: Namespace; readonly applications: readonly string[] };
  /** IPv4 addresses, in CIDR notation. */
  readonly to: { readonly addresses: string; readonly except: readonly string[]; readonly ports: readonly number[] };
  /** Name of the policy in the clients' namespace. */
  readonly egress: string;
}
