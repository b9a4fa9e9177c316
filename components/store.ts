import type { Endpoint } from "./network/endpoint.ts";
import { serviceHost } from "./names.ts";

/** How to reach a store; for people and for tools that show it to them. */
export interface Store {
  readonly store: string;
  /** Host and port inside the cluster. */
  readonly endpoint: string;
  /** Namespace and name of the Secret with the credentials. */
  readonly secret: string;
  /** A command that makes the store reachable at localhost. */
  readonly connect: string;
}

export interface StoreArgs {
  readonly title: string;
  readonly service: string;
  readonly namespace: Endpoint["namespace"];
  /** Port of the Service. */
  readonly port: number;
  readonly secretName: string;
}

/** A store behind a Service. */
export function storeBehind({ title, service, namespace, port, secretName }: StoreArgs): Store {
  return {
    store: title,
    endpoint: `${serviceHost(service, namespace)}:${String(port)}`,
    secret: `${namespace}/${secretName}`,
    connect: `kubectl port-forward --namespace ${namespace} service/${service} ${String(port)}:${String(port)}`,
  };
}
