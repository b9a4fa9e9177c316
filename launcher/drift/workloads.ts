/** Workloads that do not have the pods that the stack declares. */
import type { ClusterApi, LiveObject, ObjectReference } from "../cluster-api.ts";
import type { Declared } from "./declared.ts";
import { nameOf } from "./drift.ts";

interface Workload {
  readonly spec?: { readonly replicas?: number; readonly instances?: number; readonly completions?: number };
  readonly status?: { readonly readyReplicas?: number; readonly readyInstances?: number; readonly succeeded?: number };
}

const kinds: readonly string[] = ["Deployment", "StatefulSet", "Job"];

/** A cluster of CloudNativePG. The operator of a `Pooler` makes a Deployment of it, whose pods the store's check sees. */
const isPostgresqlCluster = ({ apiVersion, kind }: ObjectReference): boolean =>
  apiVersion.startsWith("postgresql.cnpg.io/") && kind === "Cluster";

/** One line for each workload with too few ready pods: "StatefulSet nx-broker/nx-redis: 2 of 3 pods are ready". */
export async function unreadyWorkloads(api: ClusterApi, declared: readonly Declared[]): Promise<readonly string[]> {
  const workloads = declared.filter((each) => kinds.includes(each.kind) || isPostgresqlCluster(each));
  const lines = await Promise.all(
    workloads.map(async (each) => {
      const live = await api.read(each);
      const shortage = live === undefined ? undefined : shortageOf(each.recorded, live);
      return shortage === undefined ? [] : [`${nameOf(each)}: ${shortage}`];
    }),
  );
  return lines.flat();
}

/** What a workload lacks of the declared pods. */
function shortageOf(recorded: LiveObject, live: LiveObject): string | undefined {
  const [{ spec: wanted }, { status }] = [recorded as Workload, live as Workload];
  if (live.kind === "Job")
    return (status?.succeeded ?? 0) >= (wanted?.completions ?? 1) ? undefined : "has not completed";
  const [ready, replicas] = isPostgresqlCluster(live)
    ? [status?.readyInstances ?? 0, wanted?.instances ?? 1]
    : [status?.readyReplicas ?? 0, wanted?.replicas ?? 1];
  return ready >= replicas ? undefined : `${String(ready)} of ${String(replicas)} pods are ready`;
}
