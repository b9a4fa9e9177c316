/** A configured provider: its settings, and the cluster that they lead to, if it can be reached. */
import { Api } from "./api.ts";
import { ApiError } from "./api-error.ts";
import { Collections } from "./await/collection.ts";
import { clusterAccess } from "./kubeconfig.ts";
import type { EngineLog } from "./log.ts";
import { Objects } from "./objects.ts";
import type { Settings } from "./settings.ts";
import { text } from "./values.ts";

export interface Cluster {
  readonly objects: Objects;
  readonly collections: Collections;
  /** Where objects go that name no namespace. */
  readonly namespace: string;
  /** Such as `1.34`. */
  readonly version: string;
}

/** A cluster that cannot be used now: previews go on from the inputs alone, updates fail. */
export interface NoCluster {
  readonly reason: string;
  /** Whether the user has been told. */
  told: boolean;
  readonly namespace: string | undefined;
}

export interface Session {
  readonly settings: Settings;
  readonly log: EngineLog;
  readonly cluster: Cluster | NoCluster;
}

export const isReachable = (cluster: Cluster | NoCluster): cluster is Cluster => "objects" in cluster;

/**
 * The cluster of an operation that cannot do without.
 * @throws Error telling why there is none.
 */
export function reachable(session: Session): Cluster {
  if (isReachable(session.cluster)) return session.cluster;
  throw new Error(`configured Kubernetes cluster is unreachable: ${session.cluster.reason}`);
}

/** Connects to the cluster that the settings name. Never throws: an unreachable cluster is a session too. */
export async function openSession(settings: Settings, log: EngineLog, cancelled: AbortSignal): Promise<Session> {
  let namespace = settings.namespace;
  try {
    const access = await clusterAccess(settings);
    namespace = access.namespace;
    const api = new Api(access, cancelled);
    const answer = await api.request("/version", { timeout: 10_000 });
    const version = `${text(answer, "major")}.${text(answer, "minor").replace(/\D.*$/, "")}`;
    const cluster = { objects: new Objects(api), collections: new Collections(api), namespace, version };
    return { settings, log, cluster };
  } catch (error) {
    const refused = error instanceof ApiError && error.code === 401;
    const reason = refused
      ? `the API server does not accept the credentials in the kubeconfig (${error.message})`
      : error instanceof Error
        ? error.message
        : String(error);
    return { settings, log, cluster: { reason, told: false, namespace } };
  }
}
