// The embedded cluster: single-node Kubernetes on a bare Debian machine. `stop` removes it completely.
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";
import { Api } from "./api.ts";
import { prepareArtifacts } from "./artifacts/artifacts.ts";
import type { Artifacts, ImageArchive } from "./artifacts/artifacts.ts";
import { withLock } from "./artifacts/cache.ts";
import { importImage, missingImages } from "./node/images.ts";
import { bootNode, findNode, nodeLog, serviceLog, shutDownNode } from "./node/lifecycle.ts";
import { chooseLink, linkPool, networksInUse } from "./node/link.ts";
import { clusterId, layout, readSpec, sourcesDigest, writeSpec } from "./node/spec.ts";
import type { NodeSpec } from "./node/spec.ts";
import { finishRemoval, removeCgroups, removeLink, removeTree } from "./node/cleanup.ts";
import { prepareOperatorFiles } from "./operators.ts";
import { formatProblems, preflight } from "./preflight.ts";
import { notReadyReason, objectStoreDeployment, systemDeployments, waitUntilReady } from "./readiness.ts";
import type { ReadinessCheck } from "./readiness.ts";
import type { PhaseLog, Reporter } from "./report.ts";
import { readStatus } from "./supervisor/status.ts";
import type { ServiceStatus } from "./supervisor/service.ts";

export { missingArtifacts } from "./artifacts/artifacts.ts";
export { operatorFiles } from "./operators.ts";
export { formatProblems, preflight } from "./preflight.ts";
export type { Problem } from "./preflight.ts";
export type { PhaseLog, Reporter } from "./report.ts";

export interface ClusterOptions {
  /** Cluster name: at most 40 lower case letters, digits and dashes. */
  readonly name: string;
  /** Directory used only by this cluster. `stop` deletes it. */
  readonly stateDir: string;
  /** Directory of downloads and builds, shared by all clusters on the machine. */
  readonly cacheDir: string;
  /**
   * Whether the cluster also gets the images of CloudNativePG and the Barman Cloud plugin and an S3 object store, and
   * the state directory the operators' manifests, certificates and credentials (see `operatorFiles`). @default false
   */
  readonly operators?: boolean;
  readonly report: Reporter;
}

export interface Cluster {
  /** Path of the cluster-admin kubeconfig, readable by root only. */
  readonly kubeconfig: string;
  /** The only context in the kubeconfig, `bana-<name>`. */
  readonly context: string;
  /** Path of a kubectl that matches the cluster's version. */
  readonly kubectl: string;
}

export interface ClusterStatus {
  /** "absent": no state on disk; "stopped": data but no processes; "starting": processes that are not ready yet. */
  readonly state: "absent" | "stopped" | "starting" | "running" | "stopping";
  /** PID of the node's init process on the host: `nsenter --target PID --all` enters the node. */
  readonly pid?: number;
  readonly cluster?: Cluster;
  readonly services: readonly ServiceStatus[];
  /** Why a starting cluster makes no progress, if known. */
  readonly problem?: string;
}

const SERVICES_MS = 180_000;
const SYSTEM_PODS_MS = 120_000;
const PARALLEL_IMPORTS = 2;

/**
 * Starts the cluster: returns immediately if it runs, restarts it from existing data, or creates it. If a start was
 * killed, the next one continues it. Resolves when the node, CoreDNS, the volume provisioner and the object store of a
 * cluster with operators are ready and every image is imported. Rejects with the machine's missing prerequisites, or with an error that names the log.
 */
export async function start(options: ClusterOptions): Promise<Cluster> {
  const { name, report } = options;
  if (!/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/.test(name)) {
    throw new Error(`"${name}" is not a valid cluster name: use at most 40 lower case letters, digits and dashes`);
  }
  for (const directory of [options.stateDir, options.cacheDir].map((each) => path.resolve(each))) {
    if (/[,:\\]/.test(directory)) {
      throw new Error(`${directory} has a comma, colon or backslash, which mount rejects: use another directory`);
    }
  }
  return withLock(lockOf(options), async () => {
    await finishRemoval(options.stateDir);
    if (findNode(options.stateDir) === undefined) {
      await report.phase("Checking this machine", async () => {
        const problems = await preflight(options.stateDir);
        if (problems.length > 0) {
          throw new Error(`The embedded cluster cannot run on this machine:\n${formatProblems(problems)}`);
        }
      });
    }
    const { cacheDir, operators, stateDir } = options;
    const artifacts = await prepareArtifacts({ cacheDir, report, ...(operators !== undefined && { operators }) });
    if (artifacts.operatorManifests !== undefined) await prepareOperatorFiles(stateDir, artifacts.operatorManifests);
    const spec = specFor(options, artifacts);
    const pid = await report.phase("Starting the node", (log) => ensureNode(options, spec, log));
    // In parallel, so that the images are imported when the first pods start.
    await Promise.all([
      report.phase("Starting the Kubernetes components", (log) =>
        waitUntilReady(servicesCheck(spec), SERVICES_MS, (text) => log.note(text)),
      ),
      importImages(report, pid, artifacts.images),
    ]);
    await report.phase("Waiting for the system pods", (log) => waitForSystemPods(spec, log));
    return clusterOf(spec);
  });
}

/**
 * Shuts the cluster down gracefully and removes everything it created: processes, mounts, network link, cgroups and the
 * state directory with all data. Idempotent; also cleans up after a failure. If it is killed, the cluster is either
 * stopped with all of its data, and can be started again, or all data are gone.
 */
export async function stop(options: ClusterOptions): Promise<void> {
  const { stateDir, report } = options;
  await withLock(lockOf(options), async () => {
    await report.phase("Stopping the cluster", async () => {
      await stopNode(options);
      await removeTree(stateDir);
    });
  });
}

/** Current state of the cluster, read from the state directory. Does not contact the cluster; changes nothing. */
export function status({ stateDir }: ClusterOptions): Promise<ClusterStatus> {
  const pid = findNode(stateDir);
  if (pid === undefined) {
    return Promise.resolve({ state: existsSync(layout(stateDir).spec) ? "stopped" : "absent", services: [] });
  }
  const node = readStatus(stateDir);
  return Promise.resolve({
    state: node?.phase ?? "starting",
    pid,
    cluster: clusterOf(readSpec(stateDir)),
    services: node?.services ?? [],
    ...(node?.problem === undefined ? {} : { problem: node.problem }),
  });
}

function specFor(options: ClusterOptions, artifacts: Artifacts): NodeSpec {
  const stateDir = path.resolve(options.stateDir);
  const id = clusterId(stateDir);
  const link = chooseLink(id, networksInUse(linkName(stateDir)));
  if (link === undefined) throw new Error(`no free /30 network in ${linkPool}: addresses or routes cover all of it`);
  const image = (name: string) => {
    const found = artifacts.images.find(({ reference }) => reference.startsWith(`local.bana/${name}:`));
    if (found === undefined) throw new Error(`local.bana/${name} is missing from the image list`);
    return found.reference;
  };
  return {
    nodeName: `bana-${options.name}`,
    stateDir,
    cacheDir: path.resolve(options.cacheDir),
    checkout: path.dirname(import.meta.dirname),
    sources: sourcesDigest(),
    // A running node keeps its link.
    link: findNode(stateDir) === undefined ? link : readSpec(stateDir).link,
    cgroup: cgroupName(options),
    artifacts: {
      kubernetes: artifacts.kubernetes,
      kubectl: artifacts.kubectl,
      kubeNetworkPolicies: artifacts.kubeNetworkPolicies,
      nodeRootfs: artifacts.nodeRootfs,
    },
    images: {
      pause: image("pause"),
      coredns: image("coredns"),
      localPathProvisioner: image("local-path-provisioner"),
      helper: image("busybox"),
      ...(options.operators === true && { objectStore: image("go-versitygw") }),
    },
  };
}

/** PID of a node that runs with `spec`: the current node, or a new one on the same data. */
async function ensureNode(options: ClusterOptions, spec: NodeSpec, log: PhaseLog): Promise<number> {
  const running = findNode(spec.stateDir);
  const isStopping = readStatus(spec.stateDir)?.phase === "stopping";
  const isSame =
    running !== undefined && !isStopping && JSON.stringify(readSpec(spec.stateDir)) === JSON.stringify(spec);
  if (!isSame) {
    if (running !== undefined) {
      log.note(
        isStopping ? "the node is stopping: waiting for it" : "programs or configuration changed: restarting the node",
      );
    }
    await stopNode(options);
    await writeSpec(spec);
  }
  return isSame ? running : bootNode(spec);
}

/** Stops the node and removes its cgroups and network link. Data in the state directory are kept. */
async function stopNode(options: ClusterOptions): Promise<void> {
  await shutDownNode(options.stateDir);
  // Cgroups first, with any process left in them: the kernel removes the link when the last process has exited.
  await removeCgroups(cgroupName(options));
  await removeLink(linkName(options.stateDir));
}

/** Lists components that are not ready, with the logs of those that exited. Throws if the node has exited. */
const servicesCheck =
  ({ stateDir }: NodeSpec): ReadinessCheck =>
  () => {
    if (findNode(stateDir) === undefined) throw new Error(`the node has exited, see ${nodeLog(stateDir)}`);
    const node = readStatus(stateDir);
    if (node?.phase === "running") return undefined;
    const waiting = (node?.services ?? []).filter(({ state }) => state === "starting" || state === "restarting");
    const names = waiting.map(({ name, lastExit }) =>
      lastExit === undefined ? name : `${name} (last exit: ${lastExit}, see ${serviceLog(stateDir, name)})`,
    );
    return [node?.problem, `waiting for ${names.join(", ") || "the next component"}`]
      .filter((each) => each !== undefined)
      .join("; ");
  };

/** Imports missing images, smallest first: the system pods' images are small. */
async function importImages(report: Reporter, pid: number, images: readonly ImageArchive[]): Promise<void> {
  const missing = await missingImages(pid, images);
  if (missing.length === 0) return;
  const sizes = await Promise.all(missing.map(async (image) => ({ image, size: (await stat(image.archive)).size })));
  const queue = sizes.sort((a, b) => a.size - b.size).map(({ image }) => image);
  await report.phase("Importing images", async (log) => {
    const worker = async () => {
      for (let image = queue.shift(); image !== undefined; image = queue.shift()) {
        log.note(image.reference);
        await importImage(pid, image);
      }
    };
    await Promise.all(Array.from({ length: PARALLEL_IMPORTS }, worker));
  });
}

async function waitForSystemPods(spec: NodeSpec, log: PhaseLog): Promise<void> {
  const api = new Api(layout(spec.stateDir).kubeconfig);
  const startedAt = readStatus(spec.stateDir)?.startedAt ?? 0;
  const deployments =
    spec.images.objectStore === undefined ? systemDeployments : [...systemDeployments, objectStoreDeployment];
  try {
    await waitUntilReady(
      () => notReadyReason(api, spec.nodeName, startedAt, deployments),
      SYSTEM_PODS_MS,
      (text) => log.note(text),
    );
  } finally {
    api.close();
  }
}

function clusterOf(spec: NodeSpec): Cluster {
  return { kubeconfig: layout(spec.stateDir).kubeconfig, context: spec.nodeName, kubectl: spec.artifacts.kubectl };
}

function lockOf({ stateDir, cacheDir }: ClusterOptions): string {
  return path.join(cacheDir, "locks", `cluster-${clusterId(stateDir)}`);
}

function linkName(stateDir: string): string {
  return `bana-${clusterId(stateDir)}`;
}

function cgroupName({ name, stateDir }: ClusterOptions): string {
  return `bana-${name}-${clusterId(stateDir)}`;
}
