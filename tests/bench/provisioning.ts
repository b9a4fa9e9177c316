import { eventually } from "../e2e/eventually.ts";
import { kubectl, type KubernetesObject, list } from "../e2e/kubernetes.ts";
import { pulumi } from "../e2e/stack.ts";
import { inTurns, type Measurement, timesAsLong } from "./measure.ts";

const rounds = 2;
const deadline = { timeout: 900, interval: 1 };

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

interface Workload extends KubernetesObject {
  readonly spec: { readonly replicas?: number; readonly completions?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly readyReplicas?: number;
    readonly updatedReplicas?: number;
    readonly succeeded?: number;
  };
}

/**
 * Time from an empty running cluster until all is Ready, for `pulumi up` compared with one `kubectl apply` of the same
 * objects. The stack is up before and after.
 */
export async function provisioning(): Promise<Measurement> {
  const objects = await manifests();
  await pulumi("destroy", "--yes", "--skip-preview");
  await empty(objects);
  const measured = await inTurns(rounds, {
    up: async () => {
      const time = await stopwatch(async () => {
        await pulumi("up", "--yes", "--skip-preview");
        await eventually(allReady, deadline);
      });
      await pulumi("destroy", "--yes", "--skip-preview");
      await empty(objects);
      return time;
    },
    apply: async () => {
      const time = await stopwatch(async () => {
        await kubectl(["apply", "--filename=-"], JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
        await eventually(allReady, deadline);
      });
      await empty(objects);
      return time;
    },
  });
  await pulumi("up", "--yes", "--skip-preview");
  return timesAsLong(
    `up on an empty cluster until all is Ready, vs. kubectl apply of the same ${objects.length} objects`,
    measured.up,
    1.2,
    measured.apply,
  );
}

/** Manifests of the stack's objects, namespaces first. */
async function manifests(): Promise<Manifest[]> {
  const exported = JSON.parse(await pulumi("stack", "export", "--show-secrets")) as {
    deployment: { resources: readonly { type: string; inputs?: unknown }[] };
  };
  const objects = exported.deployment.resources
    .filter(({ type }) => type.startsWith("kubernetes:"))
    .map(({ inputs }) => plain(inputs) as Manifest);
  const rank = ({ kind }: Manifest): number => (kind === "Namespace" ? 0 : 1);
  return objects.sort((a, b) => rank(a) - rank(b));
}

/** Unwraps Pulumi's secret values. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if ("plaintext" in value) return plain(JSON.parse(String(value.plaintext)));
  const kept = Object.entries(value).filter(([name]) => !name.startsWith("__"));
  return Object.fromEntries(kept.map(([name, item]) => [name, plain(item)]));
}

/** Deletes the objects and waits until they and their volumes are gone. */
async function empty(objects: readonly Manifest[]): Promise<void> {
  const namespaces = objects.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => metadata.name);
  await kubectl(["delete", "namespace", ...namespaces, "--ignore-not-found", "--wait=true", "--timeout=300s"]);
  const others = objects.filter(({ kind, metadata }) => kind !== "Namespace" && metadata.namespace === undefined);
  if (others.length > 0) {
    await kubectl(
      ["delete", "--filename=-", "--ignore-not-found"],
      JSON.stringify({ apiVersion: "v1", kind: "List", items: others }),
    );
  }
  await eventually(async () => (await list("persistentvolumes")).length === 0, { timeout: 300 });
}

/** Whether all pods of Deployments and StatefulSets are Ready and all Jobs have completed. */
async function allReady(): Promise<boolean> {
  const workloads = await list<Workload>("deployments,statefulsets,jobs");
  return workloads.every(({ kind, spec, status, metadata }) => {
    if (kind === "Job") return (status?.succeeded ?? 0) >= (spec.completions ?? 1);
    const wanted = spec.replicas ?? 1;
    return status?.readyReplicas === wanted && status.updatedReplicas === wanted && metadata.uid !== "";
  });
}

async function stopwatch(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
