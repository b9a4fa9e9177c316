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

/** What the cluster has to run before anybody else's pods can. */
const systemDeployments = [
  { namespace: "kube-system", name: "coredns", selector: "k8s-app=kube-dns" },
  { namespace: "local-path-storage", name: "local-path-provisioner", selector: "app=local-path-provisioner" },
] as const;

/**
 * Why the cluster cannot serve yet, in a few words; undefined when its node, DNS and volumes are ready. What the API
 * remembers from before `since` (milliseconds), when the node was started, does not count.
 */
export async function unreadiness(api: Api, nodeName: string, since: number): Promise<string | undefined> {
  const nodes = await api.get<List<Conditioned>>("/api/v1/nodes");
  const node = conditionOf(
    nodes.items.find(({ metadata }) => metadata.name === nodeName),
    "Ready",
  );
  if (node?.status !== "True" || isBefore(node.lastHeartbeatTime, since)) {
    return `the node is not ready: ${node?.message ?? "it has not registered"}`;
  }
  for (const { namespace, name, selector } of systemDeployments) {
    const deployment = await api.get<Deployment>(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`);
    const isRolledOut =
      deployment.status?.observedGeneration === deployment.metadata.generation &&
      deployment.status.updatedReplicas === deployment.spec.replicas;
    const pods = await api.get<List<Conditioned>>(
      `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(selector)}`,
    );
    const ready = pods.items
      .map((pod) => conditionOf(pod, "Ready"))
      .filter((condition) => condition?.status === "True" && !isBefore(condition.lastTransitionTime, since));
    if (!isRolledOut || ready.length < deployment.spec.replicas) return `${namespace}/${name} is not ready`;
  }
  return undefined;
}

function conditionOf(object: Conditioned | undefined, wanted: string): Condition | undefined {
  return object?.status?.conditions?.find(({ type }) => type === wanted);
}

/** Kubernetes writes times in whole seconds. */
function isBefore(time: string | undefined, since: number): boolean {
  return time === undefined || Date.parse(time) < Math.floor(since / 1000) * 1000;
}

/** Why something is not ready, in a few words; undefined when it is. A rejection is a reason too, an exception is final. */
export type Unreadiness = () => Promise<string | undefined> | string | undefined;

/** Waits until there is no reason left; tells each new one to `note`. Throws with the last one when time is over. */
export async function untilReady(reason: Unreadiness, timeoutMs: number, note: (text: string) => void): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let told: string | undefined;
  for (;;) {
    const current = await Promise.resolve(reason()).catch((error: unknown) =>
      error instanceof Error ? error.message : String(error),
    );
    if (current === undefined) return;
    if (Date.now() > deadline) throw new Error(`not ready after ${timeoutMs / 1000} s: ${current}`);
    if (current !== told) note(current);
    told = current;
    await sleep(POLL_MS);
  }
}
