import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { status } from "../../local/index.ts";
import { clusterOptions, type Target } from "../environment.ts";
import { type FailedProbe, reasons } from "../failed-probes.ts";
import { screenReporter } from "../report.ts";
import { launcherLogs } from "../versions.ts";

interface Pod {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly uid: string };
  readonly status: {
    readonly phase: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

/** `npm run status`: 0 when cluster and pods are all well, 1 when not. */
export async function statusCommand({ name }: Target): Promise<number> {
  const found = await status(clusterOptions(name, screenReporter(path.join(launcherLogs, name))));
  console.log(`cluster  ${found.state}${found.problem === undefined ? "" : `: ${found.problem}`}`);
  for (const service of found.services) console.log(`         ${service.state.padEnd(10)} ${service.name}`);
  if (found.cluster === undefined || found.state !== "running") {
    console.log("Start it with: npm start");
    return 1;
  }
  const { kubectl, kubeconfig } = found.cluster;
  const get = async <T>(...what: readonly string[]): Promise<readonly T[]> => {
    const line = [
      "--kubeconfig",
      kubeconfig,
      "--request-timeout=10s",
      "get",
      "--all-namespaces",
      "--output=json",
      ...what,
    ];
    const { stdout } = await promisify(execFile)(kubectl, line, { maxBuffer: 64 * 2 ** 20 });
    return (JSON.parse(stdout) as { items: readonly T[] }).items;
  };
  const pods = await get<Pod>("pods");
  const failedProbes = await get<FailedProbe>("events", "--field-selector=reason=Unhealthy");
  for (const pod of pods) {
    const { namespace, name } = pod.metadata;
    console.log(`pod      ${verdict(pod).padEnd(10)} ${namespace}/${name}`);
    if (verdict(pod) === "ready" || verdict(pod) === "done") continue;
    for (const reason of reasons(pod.metadata.uid, failedProbes)) console.log(`         ${reason}`);
  }
  if (!pods.some(({ metadata }) => metadata.namespace.startsWith("nx-"))) {
    console.log("The data layer is not there. Bring it up with: npm start");
    return 1;
  }
  return pods.every((pod) => verdict(pod) === "ready" || verdict(pod) === "done") ? 0 : 1;
}

function verdict({ status }: Pod): string {
  if (status.phase === "Succeeded") return "done";
  const ready = status.conditions?.find(({ type }) => type === "Ready");
  return ready?.status === "True" ? "ready" : `not ready (${status.phase})`;
}
