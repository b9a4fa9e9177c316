import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { status } from "../../local/index.ts";
import { clusterOptions, startHint, type Target } from "../environment.ts";
import { type FailedProbe, latestProbeFailures } from "../failed-probes.ts";
import { screenReporter } from "../report.ts";
import { launcherLogs } from "../versions.ts";

interface Pod {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly uid: string };
  readonly status: {
    readonly phase: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

/** `npm run status`: exit code 0 if the cluster runs and all pods are ready or completed, else 1. */
export async function statusCommand({ name }: Target): Promise<number> {
  const current = await status(clusterOptions(name, screenReporter(path.join(launcherLogs, name))));
  console.log(`cluster  ${current.state}${current.problem === undefined ? "" : `: ${current.problem}`}`);
  for (const service of current.services) console.log(`         ${service.state.padEnd(10)} ${service.name}`);
  if (current.cluster === undefined || current.state !== "running") {
    console.log(`Start it with: ${startHint(name)}`);
    return 1;
  }
  const { kubectl, kubeconfig } = current.cluster;
  const get = async <T>(...resources: readonly string[]): Promise<readonly T[]> => {
    const args = [
      "--kubeconfig",
      kubeconfig,
      "--request-timeout=10s",
      "get",
      "--all-namespaces",
      "--output=json",
      ...resources,
    ];
    const { stdout } = await promisify(execFile)(kubectl, args, { maxBuffer: 64 * 2 ** 20 });
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
  return pods.every((pod) => readiness(pod) === "ready" || readiness(pod) === "completed") ? 0 : 1;
}

function readiness({ status }: Pod): string {
  if (status.phase === "Succeeded") return "completed";
  const ready = status.conditions?.find(({ type }) => type === "Ready");
  return ready?.status === "True" ? "ready" : `not ready (${status.phase})`;
}
