/**
 * Reads objects from a cluster's API server as it sends them: the models of the client library rename some fields and
 * drop those that they do not know.
 */
import type { KubeConfig } from "@kubernetes/client-node";
import type https from "node:https";
import path from "node:path";
import { httpGet } from "../components/http-get.ts";

/** What identifies an object. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** An object as the API server sends it. */
export interface LiveObject extends ObjectReference {
  readonly metadata: ObjectReference["metadata"] & {
    readonly resourceVersion?: string;
    readonly deletionTimestamp?: string;
    readonly managedFields?: readonly { readonly manager?: string }[];
  };
  readonly [field: string]: unknown;
}

export interface ClusterApi {
  /** The object; undefined if there is none. */
  read(object: ObjectReference): Promise<LiveObject | undefined>;
  /** The objects of a kind in a namespace; none if the cluster does not know the kind. */
  list<Item>(kind: Pick<ObjectReference, "apiVersion" | "kind">, namespace: string): Promise<readonly Item[]>;
  /** The pods of a namespace; none if there is no such namespace. */
  pods<Pod>(namespace: string): Promise<readonly Pod[]>;
}

interface ResourceList {
  readonly resources: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}

const TIMEOUT_MS = 30_000;
const CONNECTIONS = 8;

/** The API of a kubeconfig context's cluster. Imports the client library on demand: it takes half a second. */
export async function openClusterApi(cluster: {
  readonly kubeconfig: string;
  readonly context: string;
}): Promise<ClusterApi> {
  const { mergedKubeconfig } = await import("../components/cluster-access.ts");
  const config = mergedKubeconfig(cluster.kubeconfig.split(path.delimiter));
  config.setCurrentContext(cluster.context);
  const discovered = new Map<string, Promise<ResourceList>>();

  const resourceOf = async ({ apiVersion, kind }: Pick<ObjectReference, "apiVersion" | "kind">) => {
    const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    if (!discovered.has(root)) discovered.set(root, get<ResourceList>(config, root).then(orNoResources));
    const { resources = [] } = (await discovered.get(root)) ?? {};
    const resource = resources.find((each) => each.kind === kind && !each.name.includes("/"));
    // A definition of a custom resource may add the kind later.
    if (resource === undefined) discovered.delete(root);
    return resource && { root, ...resource };
  };
  const pathOf = async ({ metadata, ...kind }: ObjectReference): Promise<string | undefined> => {
    const resource = await resourceOf(kind);
    if (resource === undefined) return undefined;
    const namespace = resource.namespaced ? `/namespaces/${metadata.namespace ?? "default"}` : "";
    return `${resource.root}${namespace}/${resource.name}/${metadata.name}`;
  };

  return {
    async read(object) {
      const place = await pathOf(object);
      return place === undefined ? undefined : get<LiveObject>(config, place);
    },
    async list<Item>(kind: Pick<ObjectReference, "apiVersion" | "kind">, namespace: string) {
      const resource = await resourceOf(kind);
      if (resource === undefined) return [];
      const place = `${resource.root}/namespaces/${namespace}/${resource.name}`;
      const list = await get<{ items: readonly Item[] }>(config, place);
      return list?.items ?? [];
    },
    async pods<Pod>(namespace: string) {
      const list = await get<{ items: readonly Pod[] }>(config, `/api/v1/namespaces/${namespace}/pods`);
      return list?.items ?? [];
    },
  };
}

const orNoResources = (list: ResourceList | undefined): ResourceList => list ?? { resources: [] };

/** The answer to a GET request; undefined if there is no such object. */
async function get<T>(config: KubeConfig, place: string): Promise<T | undefined> {
  const server = config.getCurrentCluster()?.server.replace(/\/+$/, "") ?? "";
  const options: https.RequestOptions = {};
  // For each request, because the credentials may have been renewed. The agent is always the same.
  await config.applyToHTTPSOptions(options);
  Object.assign(options.agent ?? {}, { keepAlive: true, maxSockets: CONNECTIONS });
  const { status, body } = await httpGet(`${server}${place}`, options, TIMEOUT_MS);
  if (status === 404) return undefined;
  if (status === 200) return JSON.parse(body) as T;
  throw new Error(`${server}${place} answered with HTTP ${String(status)}: ${messageIn(body)}`);
}

/** The message of the API server's error, a `Status` object, or the beginning of another answer. */
function messageIn(body: string): string {
  try {
    return (JSON.parse(body) as { message?: string }).message ?? "";
  } catch {
    return body.slice(0, 200);
  }
}
