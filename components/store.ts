import type { Endpoint } from "./network/endpoint.ts";
import { serviceHost } from "./names.ts";

/** How to reach a store, for display to users. */
export interface Store {
  readonly store: string;
  /** Host and port inside the cluster. */
  readonly endpoint: string;
  /** Namespace and name of the Secret with the credentials. */
  readonly secret: string;
  /** Command that forwards the store's port to localhost. */
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

export function storeBehind({ title, service, namespace, port, secretName }: StoreArgs): Store {
  return {
    store: title,
    endpoint: `${serviceHost(service, namespace)}:${String(port)}`,
    secret: `${namespace}/${secretName}`,
    connect: `kubectl port-forward --namespace ${namespace} service/${service} ${String(port)}:${String(port)}`,
  };
}
