import type { Namespace } from "../names.ts";

type Labels = Readonly<Record<string, string>>;
type Ports = Readonly<Record<string, number>>;

/** Pods of the data layer, and the ports they listen on. Declared once, by the component that runs them. */
export interface Endpoint {
  readonly namespace: Namespace;
  /** Labels that select the pods; {} for all pods of the namespace. */
  readonly pods: Labels;
  /** Ports of the pods by name, not of a Service in front of them; {} for pods that are only clients. */
  readonly ports: Ports;
}

/** Pods in one of our namespaces that others deploy there, by their label `app.kubernetes.io/name`. They are only clients. */
export interface Applications {
  readonly namespace: Namespace;
  readonly applications: readonly string[];
}

/** Pods in somebody else's namespace: an operator, Prometheus. No policy is made there. */
export interface ForeignPods {
  readonly foreignNamespace: string;
  /** Labels that select the pods; {} for all pods of the namespace. */
  readonly pods: Labels;
  readonly ports: Ports;
}

/** Addresses: the API server, or everything outside of the cluster. */
export interface Addresses {
  /** For people. */
  readonly title: string;
  /** In CIDR notation. */
  readonly cidr: string;
  readonly except: readonly string[];
  readonly ports: Ports;
}

export type Ours = Endpoint | Applications;
export type Foreign = ForeignPods | Addresses;

interface Reason {
  /** Why the connection is needed, in one sentence; docs/network.md prints it. */
  readonly reason: string;
}

/** A connection within the data layer: one policy lets it leave, another lets it arrive. */
interface InternalFlow extends Reason {
  readonly from: Ours;
  readonly to: Endpoint;
  /** Name of the policy in the client's namespace. */
  readonly egress: string;
  /** Name of the policy in the server's namespace. */
  readonly ingress: string;
}

interface OutgoingFlow extends Reason {
  readonly from: Ours;
  readonly to: Foreign;
  /** Name of the policy in the client's namespace. */
  readonly egress: string;
}

interface IncomingFlow extends Reason {
  readonly from: Foreign;
  readonly to: Endpoint;
  /** Name of the policy in the server's namespace. */
  readonly ingress: string;
}

/** Who may open a connection to whom, and the policies that allow it: only at ends that are ours. */
export type Flow = InternalFlow | OutgoingFlow | IncomingFlow;

export const isOurs = (end: Ours | Foreign): end is Ours => "namespace" in end;
