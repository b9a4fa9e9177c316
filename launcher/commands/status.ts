import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { hostAndPort } from "../../components/contract/address.ts";
import type { Connection } from "../../components/contract/connection.ts";
import { status } from "../../local/index.ts";
import { jobReports, jobStores } from "../backups/jobs.ts";
import { readJobBackups } from "../backups/read.ts";
import { openClusterApi } from "../cluster-api.ts";
import { containerProblems, exitReasons, problemLine, type PodStatus } from "../container-problems.ts";
import { declaredObjects } from "../drift/declared.ts";
import { driftLines, findDrift } from "../drift/drift.ts";
import { unreadyWorkloads } from "../drift/workloads.ts";
import { clusterOptions } from "../environment.ts";
import { type FailedProbe, latestProbeFailures } from "../failed-probes.ts";
import { liveLocks } from "../locks.ts";
import { screenReporter } from "../report.ts";
import { exportedState, stackState } from "../stack.ts";
import { problemsOf } from "../store-checks.ts";
import { project } from "../stack-files.ts";
import { connectionsIn, environmentFor } from "../stores.ts";
import { kubectlHint, startHint, type Target } from "../target.ts";
import { launcherLogs } from "../versions.ts";

interface Pod extends PodStatus {
  readonly metadata: PodStatus["metadata"] & {
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly status: PodStatus["status"] & {
    readonly phase: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

interface EndpointSlice {
  readonly metadata: { readonly namespace: string; readonly labels?: Readonly<Record<string, string>> };
  readonly endpoints?: readonly { readonly conditions?: { readonly ready?: boolean } }[] | null;
}

/**
 * `npm run status`: exit code 0 if the cluster runs, all pods are ready or completed, no object differs from the stack,
 * every store passes its check and the last backup succeeded, else 1.
 */
export async function statusCommand(target: Target): Promise<number> {
  const { name } = target;
  const current = await status(clusterOptions(name, screenReporter(path.join(launcherLogs, name))));
  console.log(`cluster  ${current.state}${current.problem === undefined ? "" : `: ${current.problem}`}`);
  for (const service of current.services) console.log(`         ${service.state.padEnd(10)} ${service.name}`);
  if (current.cluster === undefined || current.state !== "running") {
    console.log(`Start it with: ${startHint(target)}`);
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
    if (isFine(pod)) continue;
    for (const message of latestProbeFailures(pod.metadata.uid, failedProbes)) console.log(`         ${message}`);
    for (const problem of containerProblems([pod])) console.log(`         ${problemLine(problem)}`);
    for (const reason of exitReasons(pod)) console.log(`         ${reason}`);
  }
  const environment = await environmentFor(target);
  const state = await exportedState(environment);
  const declared = declaredObjects(state);
  if (declared.length === 0) {
    console.log(`The data layer is not deployed. Deploy it with: ${startHint(target)}`);
    return 1;
  }
  for (const { pid, hostname, timestamp } of await liveLocks(environment.backend, project, target.stack)) {
    console.log(
      `stack    updating   process ${String(pid)} on ${hostname}, since ${timestamp}: objects may differ meanwhile`,
    );
  }
  const connections = connectionsIn(state, target.stack);
  const [slices, drift, unready, backups, ...problems] = await environment.report.phase(
    "Checking the data layer",
    async () => {
      const api = await openClusterApi(environment.cluster);
      return Promise.all([
        get<EndpointSlice>("endpointslices.discovery.k8s.io"),
        findDrift(api, stackState(environment, state)),
        unreadyWorkloads(api, declared),
        readJobBackups(api),
        ...connections.map((connection) => problemsOf(kubectl, connection)),
      ]);
    },
  );
  const states = connections.map((connection, index) => {
    if (!hasReadyPod(connection, slices)) return "no pod";
    return problems[index]?.length === 0 ? "ready" : "failing";
  });
  for (const [index, connection] of connections.entries()) {
    console.log(`store    ${(states[index] ?? "").padEnd(10)} ${connection.title}, ${hostAndPort(connection)}`);
    for (const problem of problems[index] ?? []) console.log(`         ${problem}`);
  }
  const lateBackups = backups
    .flatMap((known) => jobReports(known, Date.now(), kubectlHint(target)))
    .flatMap(({ store, ...report }) => report.problems.map((problem) => `${store}: ${problem}`));
  for (const line of lateBackups) console.log(`backups  failing    ${line}`);
  for (const line of unready) console.log(`pods     missing    ${line}`);
  for (const line of driftLines(drift)) console.log(`object   differs    ${line}`);
  if (drift.length > 0) console.log(`Objects differ from the stack. Repair them with: ${startHint(target)}`);
  const areStoresReady = unready.length === 0 && states.every((state) => state === "ready");
  return pods.every(isFine) && areStoresReady && lateBackups.length === 0 && drift.length === 0 ? 0 : 1;
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

/** Jobs of backups, whose failed pods stay for their logs. Their problems are those of `npm run backups`. */
const keptJobs: readonly string[] = jobStores
  .flatMap(({ backup, restore }) => [backup, restore])
  .map(({ pods }) => pods["app.kubernetes.io/name"]);

const isFine = (pod: Pod): boolean =>
  ["ready", "completed", "running", "failed"].includes(readiness(pod)) && containerProblems([pod]).length === 0;

function readiness({ metadata: { labels = {} }, status }: Pod): string {
  if (status.phase === "Succeeded") return "completed";
  if (keptJobs.includes(labels["app.kubernetes.io/name"] ?? ""))
    return status.phase === "Failed" ? "failed" : "running";
  const ready = status.conditions?.find(({ type }) => type === "Ready");
  return ready?.status === "True" ? "ready" : `not ready (${status.phase})`;
}
