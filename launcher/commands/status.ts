import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { hostAndPort } from "../../components/contract/address.ts";
import type { Connection } from "../../components/contract/connection.ts";
import { status } from "../../local/index.ts";
import { clusterOptions, startHint, type Target } from "../environment.ts";
import { type FailedProbe, latestProbeFailures } from "../failed-probes.ts";
import { screenReporter } from "../report.ts";
import { problemsOf } from "../store-checks.ts";
import { connectionsOf } from "../stores.ts";
import { launcherLogs } from "../versions.ts";

interface Pod {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly uid: string };
  readonly status: {
    readonly phase: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

interface EndpointSlice {
  readonly metadata: { readonly namespace: string; readonly labels?: Readonly<Record<string, string>> };
  readonly endpoints?: readonly { readonly conditions?: { readonly ready?: boolean } }[] | null;
}

/** `npm run status`: exit code 0 if the cluster runs, all pods are ready or completed and every store passes its check, else 1. */
export async function statusCommand({ name }: Target): Promise<number> {
  const current = await status(clusterOptions(name, screenReporter(path.join(launcherLogs, name))));
  console.log(`cluster  ${current.state}${current.problem === undefined ? "" : `: ${current.problem}`}`);
  for (const service of current.services) console.log(`         ${service.state.padEnd(10)} ${service.name}`);
  if (current.cluster === undefined || current.state !== "running") {
    console.log(`Start it with: ${startHint(name)}`);
    return 1;
  }
  const { kubeconfig } = current.cluster;
  const kubectl = { program: current.cluster.kubectl, cluster: ["--kubeconfig", kubeconfig], env: process.env };
  const get = async <T>(...resources: readonly string[]): Promise<readonly T[]> => {
    const args = ["--request-timeout=10s", "get", "--all-namespaces", "--output=json", ...resources];
    const { stdout } = await promisify(execFile)(kubectl.program, [...kubectl.cluster, ...args], {
      maxBuffer: 64 * 2 ** 20,
    });
    return (JSON.parse(stdout) as { items: readonly T[] }).items;
  };
  const pods = await get<Pod>("pods");
  const failedProbes = await get<FailedProbe>("events", "--field-selector=reason=Unhealthy");
  for (const pod of pods) {
    const { namespace, name } = pod.metadata;
    console.log(`pod      ${readiness(pod).padEnd(10)} ${namespace}/${name}`);
    if (readiness(pod) === "ready" || readiness(pod) === "completed") continue;
    for (const message of latestProbeFailures(pod.metadata.uid, failedProbes)) console.log(`         ${message}`);
  }
  if (!pods.some(({ metadata }) => metadata.namespace.startsWith("nx-"))) {
    console.log(`The data layer is not deployed. Deploy it with: ${startHint(name)}`);
    return 1;
  }
  const slices = await get<EndpointSlice>("endpointslices.discovery.k8s.io");
  const connections = await connectionsOf({ name });
  const problems = await Promise.all(connections.map((connection) => problemsOf(kubectl, connection)));
  const states = connections.map((connection, index) => {
    if (!hasReadyPod(connection, slices)) return "no pod";
    return problems[index]?.length === 0 ? "ready" : "failing";
  });
  for (const [index, connection] of connections.entries()) {
    console.log(`store    ${(states[index] ?? "").padEnd(10)} ${connection.title}, ${hostAndPort(connection)}`);
    for (const problem of problems[index] ?? []) console.log(`         ${problem}`);
  }
  const arePodsReady = pods.every((pod) => readiness(pod) === "ready" || readiness(pod) === "completed");
  return arePodsReady && states.every((state) => state === "ready") ? 0 : 1;
}

/** Whether a pod behind the connection's Service is ready. */
function hasReadyPod({ namespace, service }: Connection, slices: readonly EndpointSlice[]): boolean {
  return slices.some(
    ({ metadata, endpoints }) =>
      metadata.namespace === namespace &&
      metadata.labels?.["kubernetes.io/service-name"] === service &&
      endpoints?.some(({ conditions }) => conditions?.ready),
  );
}

function readiness({ status }: Pod): string {
  if (status.phase === "Succeeded") return "completed";
  const ready = status.conditions?.find(({ type }) => type === "Ready");
  return ready?.status === "True" ? "ready" : `not ready (${status.phase})`;
}
