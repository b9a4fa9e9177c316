import type { ObjectStoreInUse, Settings } from "../../settings.ts";
import type { Namespace } from "../names.ts";
import { internet } from "./addresses.ts";
import type { Addresses, Endpoint, Foreign } from "./endpoint.ts";

/** The endpoint with only these ports. */
export const only = <Port extends string>(
  end: Endpoint & { readonly ports: Readonly<Record<Port, number>> },
  ...names: readonly Port[]
) => ({ ...end, ports: Object.fromEntries(names.map((name) => [name, end.ports[name]])) });

/** All pods of a namespace: the specification's table often names only the namespace. */
export const allPods = <Ports extends Endpoint["ports"]>(namespace: Namespace, ports: Ports) =>
  ({ namespace, pods: {}, ports }) satisfies Endpoint;

/** The application's services, which are not part of this program. */
export const backend = allPods("nx-backend", { http: 3000 });

/** All pods of change data capture and search. */
export const search = allPods("nx-search", {});

/** The API server, as pods reach it and as it reaches webhooks. */
export const apiServer = ({ cluster }: { readonly cluster: Pick<Settings["cluster"], "apiServer"> }): Addresses => ({
  title: "the API server",
  cidrs: cluster.apiServer.cidrs,
  except: [],
  ports: Object.fromEntries(cluster.apiServer.ports.map((port) => [String(port), port])),
});

/** Where pods reach the object store. */
export interface ObjectStoreAccess {
  /** URL. */
  readonly endpoint: string;
  /** @default the internet, on the endpoint's port */
  readonly access?: { readonly cidrs: readonly string[] } | { readonly namespace: string; readonly port: number };
}

/** Where pods reach the store of these settings. */
export function storeAccess(store: ObjectStoreInUse): ObjectStoreAccess {
  const { cidrs, namespace, port } = store.access;
  const endpoint = store.endpoint ?? "https://s3.amazonaws.com";
  if (namespace !== undefined && port !== undefined) return { endpoint, access: { namespace, port } };
  return { endpoint, ...(cidrs && { access: { cidrs } }) };
}

/** The object store of backups. */
export function objectStore({ endpoint, access }: ObjectStoreAccess): Foreign {
  if (access && "namespace" in access) {
    return { foreignNamespace: access.namespace, pods: {}, ports: { s3: access.port } };
  }
  const { protocol, port } = new URL(endpoint);
  const ports = { s3: port === "" ? (protocol === "http:" ? 80 : 443) : Number(port) };
  return access ? { title: "the object store", cidrs: access.cidrs, except: [], ports } : { ...internet, ports };
}
