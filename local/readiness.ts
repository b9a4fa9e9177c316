import { setTimeout as sleep } from "node:timers/promises";
import type { Api, List } from "./api.ts";

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message?: string;
  readonly lastHeartbeatTime?: string;
  readonly lastTransitionTime?: string;
}

interface Conditioned {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

interface Deployment {
  readonly metadata: { readonly generation: number };
  readonly spec: { readonly replicas: number };
  readonly status?: { readonly observedGeneration?: number; readonly updatedReplicas?: number };
}

const POLL_MS = 250;

interface SystemDeployment {
  readonly namespace: string;
  readonly name: string;
  /** Of its pods. */
  readonly selector: string;
}

/** Deployments that must be ready before other pods can run. */
export const systemDeployments: readonly SystemDeployment[] = [
  { namespace: "kube-system", name: "coredns", selector: "k8s-app=kube-dns" },
  { namespace: "local-path-storage", name: "local-path-provisioner", selector: "app=local-path-provisioner" },
];

/** The object store of a cluster with operators. */
export const objectStoreDeployment: SystemDeployment = {
  namespace: "object-store",
  name: "versitygw",
  selector: "app=versitygw",
};

/**
 * Short reason why the cluster is not ready; undefined when the node and `deployments` are ready.
 * Conditions older than `startedAt`, the node's start in milliseconds since 1970, are stale and ignored.
 */
export async function notReadyReason(
  api: Api,
  nodeName: string,
  startedAt: number,
  deployments: readonly SystemDeployment[],
): Promise<string | undefined> {
  const nodes = await api.get<List<Conditioned>>("/api/v1/nodes");
  const node = conditionOf(
    nodes.items.find(({ metadata }) => metadata.name === nodeName),
    "Ready",
  );
  if (node?.status !== "True" || isBefore(node.lastHeartbeatTime, startedAt)) {
    return `the node is not ready: ${node?.message ?? "it has not registered"}`;
  }
  for (const { namespace, name, selector } of deployments) {
    const deployment = await api.get<Deployment>(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`);
    const isRolledOut =
      deployment.status?.observedGeneration === deployment.metadata.generation &&
      deployment.status.updatedReplicas === deployment.spec.replicas;
    const pods = await api.get<List<Conditioned>>(
      `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(selector)}`,
    );
    const ready = pods.items
      .map((pod) => conditionOf(pod, "Ready"))
      .filter((condition) => condition?.status === "True" && !isBefore(condition.lastTransitionTime, startedAt));
    if (!isRolledOut || ready.length < deployment.spec.replicas) return `${namespace}/${name} is not ready`;
  }
  return undefined;
}

function conditionOf(object: Conditioned | undefined, wanted: string): Condition | undefined {
  return object?.status?.conditions?.find(({ type }) => type === wanted);
}

/** Compares whole seconds, the resolution of Kubernetes timestamps. */
function isBefore(time: string | undefined, startedAt: number): boolean {
  return time === undefined || Date.parse(time) < Math.floor(startedAt / 1000) * 1000;
}

/**
 * Short reason why something is not ready; undefined when it is. A rejected promise counts as a reason; a synchronous
 * exception ends the wait.
 */
export type ReadinessCheck = () => Promise<string | undefined> | string | undefined;

/** Polls `check` until it is ready and passes each new reason to `note`. Throws the last reason after `timeoutMs`. */
export async function waitUntilReady(
  check: ReadinessCheck,
  timeoutMs: number,
  note: (text: string) => void,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let lastNoted: string | undefined;
  for (;;) {
    const current = await Promise.resolve(check()).catch((error: unknown) =>
      error instanceof Error ? error.message : String(error),
    );
    if (current === undefined) return;
    if (Date.now() > deadline) throw new Error(`not ready after ${timeoutMs / 1000} s: ${current}`);
    if (current !== lastNoted) note(current);
    lastNoted = current;
    await sleep(POLL_MS);
  }
}
