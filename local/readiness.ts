import { setTimeout as sleep } from "node:timers/promises";
import type { Api, List } from "./api.ts";

interface Conditioned {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

interface Deployment extends Conditioned {
  readonly spec: { readonly replicas: number };
  readonly metadata: { readonly generation: number };
  readonly status?: Conditioned["status"] & { readonly observedGeneration?: number; readonly readyReplicas?: number };
}

const POLL_MS = 250;

/** What the cluster has to run before anybody else's pods can. */
const systemDeployments = [
  { namespace: "kube-system", name: "coredns" },
  { namespace: "local-path-storage", name: "local-path-provisioner" },
] as const;

/** Why the cluster cannot serve yet, in a few words; undefined when its node, DNS and volumes are ready. */
export async function unreadiness(api: Api, nodeName: string): Promise<string | undefined> {
  const nodes = await api.get<List<Conditioned & { metadata: { name: string } }>>("/api/v1/nodes");
  const node = nodes.items.find(({ metadata }) => metadata.name === nodeName);
  if (node === undefined) return "the node has not registered";
  const ready = node.status?.conditions?.find(({ type }) => type === "Ready");
  if (ready?.status !== "True") return `the node is not ready: ${ready?.message ?? "no status yet"}`;
  for (const { namespace, name } of systemDeployments) {
    const deployment = await api.get<Deployment>(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`);
    const isCurrent = deployment.status?.observedGeneration === deployment.metadata.generation;
    const readyReplicas = deployment.status?.readyReplicas ?? 0;
    if (!isCurrent || readyReplicas < deployment.spec.replicas) return `${namespace}/${name} is not ready`;
  }
  return undefined;
}

/** Waits until `reason` has none; tells each new reason to `note`. Throws with the last one when time is over. */
export async function untilReady(
  reason: () => Promise<string | undefined>,
  timeoutMs: number,
  note: (text: string) => void,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let told: string | undefined;
  for (;;) {
    const current = await reason().catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    if (current === undefined) return;
    if (Date.now() > deadline) throw new Error(`not ready after ${timeoutMs / 1000} s: ${current}`);
    if (current !== told) note(current);
    told = current;
    await sleep(POLL_MS);
  }
}
