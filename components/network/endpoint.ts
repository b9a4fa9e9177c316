import type { Namespace } from "../names.ts";

type Labels = Readonly<Record<string, string>>;
type Ports = Readonly<Record<string, number>>;

/** Pods of the data layer, and the ports they listen on. Declared by the component that creates the pods. */
export interface Endpoint {
  readonly namespace: Namespace;
  /** Labels that select the pods; {} selects all pods of the namespace. */
  readonly pods: Labels;
  /** Container ports by name, not Service ports; {} for pods that are only clients. */
  readonly ports: Ports;
}

/** Pods in one of our namespaces that are not part of this program. They are only clients. */
export interface Applications {
  readonly namespace: Namespace;
  /** Values of the label `app.kubernetes.io/name`. */
  readonly applications: readonly string[];
}

/** Pods in another namespace, such as an operator or Prometheus. This program creates no policies there. */
export interface ForeignPods {
  readonly foreignNamespace: string;
  /** Labels that select the pods; {} selects all pods of the namespace. */
  readonly pods: Labels;
  readonly ports: Ports;
}

/** Address ranges, such as the API server or the internet. */
export interface Addresses {
  /** Name in docs/network.md. */
  readonly title: string;
  /** In CIDR notation. */
  readonly cidrs: readonly string[];
  readonly except: readonly string[];
  readonly ports: Ports;
}

export type Ours = Endpoint | Applications;
export type Foreign = ForeignPods | Addresses;

interface Reason {
  /** Why the connection is needed, in one sentence; docs/network.md prints it. */
  readonly reason: string;
}

/** An allowed connection between our namespaces: an egress policy at the client, an ingress policy at the server. */
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

/** An allowed connection, and its policies in our namespaces. */
export type Flow = InternalFlow | OutgoingFlow | IncomingFlow;

/** The name of a port, for Services and probes: one that the endpoint lacks does not compile. */
export const portName = <Pods extends Endpoint>(_: Pods, name: keyof Pods["ports"] & string): string => name;

export const isOurs = (end: Ours | Foreign): end is Ours => "namespace" in end;
