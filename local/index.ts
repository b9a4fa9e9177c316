// The embedded cluster: a real Kubernetes of one node, on a bare Debian machine, that leaves no trace when it is stopped.
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
import { finishRemoval, removeCgroups, removeLink, removeTree } from "./node/traces.ts";
import { describe, preflight } from "./preflight.ts";
import { unreadiness, untilReady } from "./readiness.ts";
import type { Unreadiness } from "./readiness.ts";
import type { PhaseLog, Reporter } from "./report.ts";
import { readStatus } from "./supervisor/status.ts";
import type { ServiceStatus } from "./supervisor/service.ts";

export { missingArtifacts } from "./artifacts/artifacts.ts";
export { describe, preflight } from "./preflight.ts";
export type { Problem } from "./preflight.ts";
export type { PhaseLog, Reporter } from "./report.ts";

export interface ClusterOptions {
  /** Name of the cluster: lower case letters, digits and dashes, at most 40. */
  readonly name: string;
  /** Directory of this cluster alone. `stop` removes it. */
  readonly stateDir: string;
  /** Directory of downloads and builds, shared by all clusters of the machine. */
  readonly cacheDir: string;
  readonly report: Reporter;
}

export interface Cluster {
  /** Path of a kubeconfig with full rights, readable by root only. */
  readonly kubeconfig: string;
  /** The kubeconfig's one context, `bana-<name>`. */
  readonly context: string;
  /** Path of a kubectl of the cluster's version. */
  readonly kubectl: string;
}

export interface ClusterStatus {
  /** "absent" has no state at all; "stopped" has data but no processes; "starting" has processes that do not serve yet. */
  readonly state: "absent" | "stopped" | "starting" | "running" | "stopping";
  /** The host's process id of the node's first process: `nsenter --target PID --all` enters the node. */
  readonly pid?: number;
  readonly cluster?: Cluster;
  readonly services: readonly ServiceStatus[];
  /** Why a starting cluster does not get on, as far as is known. */
  readonly problem?: string;
}

const SERVICES_MS = 180_000;
const SYSTEM_PODS_MS = 120_000;
const PARALLEL_IMPORTS = 2;

/**
 * Brings the cluster up: at once if it runs, else from its data, else from nothing. A start that was killed is continued
 * by the next one. Resolves when node, DNS and volumes are ready and every image is there. Rejects with what the machine
 * lacks, or with the log that tells more.
 */
export async function start(options: ClusterOptions): Promise<Cluster> {
  const { name, report } = options;
  if (!/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/.test(name)) {
    throw new Error(`"${name}" cannot name a cluster: use lower case letters, digits and dashes, at most 40`);
  }
  for (const directory of [options.stateDir, options.cacheDir].map((each) => path.resolve(each))) {
    if (/[,:\\]/.test(directory)) {
      throw new Error(`${directory} has a comma, colon or backslash in it, which mount cannot take: use another place`);
    }
  }
  return withLock(lockOf(options), async () => {
    await finishRemoval(options.stateDir);
    if (findNode(options.stateDir) === undefined) {
      await report.phase("Checking this machine", async () => {
        const found = await preflight(options.stateDir);
        if (found.length > 0) throw new Error(`The embedded cluster cannot run on this machine:\n${describe(found)}`);
      });
    }
    const artifacts = await prepareArtifacts({ cacheDir: options.cacheDir, report });
    const spec = specFor(options, artifacts);
    const pid = await report.phase("Starting the node", (log) => runningNode(options, spec, log));
    // Side by side: the images are there when the first pods ask for them.
    await Promise.all([
      report.phase("Starting the cluster's servers", (log) =>
        untilReady(unreadyServices(spec), SERVICES_MS, (text) => log.note(text)),
      ),
      importMissing(report, pid, artifacts.images),
    ]);
    await report.phase("Waiting for DNS and volumes", (log) => systemPodsReady(spec, log));
    return clusterOf(spec);
  });
}

/**
 * Stops the cluster in good order and removes every trace of it: processes, mounts, network link, cgroups and the state
 * directory with all data. Does what is left to do if it was broken or is called again. One that was killed leaves the
 * cluster either stopped with all of its data, from which it can be started, or without any.
 */
export async function stop(options: ClusterOptions): Promise<void> {
  const { stateDir, report } = options;
  await withLock(lockOf(options), async () => {
    await report.phase("Stopping the cluster", async () => {
      await clearNode(options);
      await removeTree(stateDir);
    });
  });
}

/** What there is of the cluster; asks nothing of it and changes nothing. */
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
  if (link === undefined) throw new Error(`no network is free in ${linkPool}`);
  const image = (name: string) => {
    const found = artifacts.images.find(({ reference }) => reference.startsWith(`local.bana/${name}:`));
    if (found === undefined) throw new Error(`the image list has no local.bana/${name}`);
    return found.reference;
  };
  return {
    nodeName: `bana-${options.name}`,
    stateDir,
    cacheDir: path.resolve(options.cacheDir),
    checkout: path.dirname(import.meta.dirname),
    sources: sourcesDigest(),
    // A running node keeps the link it has.
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
    },
  };
}

/** The process id of a node that runs as `spec` says: the one that runs, or a new one on the same data. */
async function runningNode(options: ClusterOptions, spec: NodeSpec, log: PhaseLog): Promise<number> {
  const running = findNode(spec.stateDir);
  const isStopping = readStatus(spec.stateDir)?.phase === "stopping";
  const isSame =
    running !== undefined && !isStopping && JSON.stringify(readSpec(spec.stateDir)) === JSON.stringify(spec);
  if (!isSame) {
    if (running !== undefined) {
      log.note(
        isStopping ? "it is being stopped: waiting for that" : "its programs have changed: stopping the old ones",
      );
    }
    await clearNode(options);
    await writeSpec(spec);
  }
  return isSame ? running : bootNode(spec);
}

/** Ends the node and removes what it leaves outside of its state directory; its data stay. */
async function clearNode(options: ClusterOptions): Promise<void> {
  await shutDownNode(options.stateDir);
  // First the cgroups, with whatever still lives in them: the link goes when its last process has.
  await removeCgroups(cgroupName(options));
  await removeLink(linkName(options.stateDir));
}

/** Tells which of the cluster's servers are not ready, and where their logs are. Throws if the node has ended. */
const unreadyServices =
  ({ stateDir }: NodeSpec): Unreadiness =>
  () => {
    if (findNode(stateDir) === undefined) throw new Error(`the node has ended, see ${nodeLog(stateDir)}`);
    const node = readStatus(stateDir);
    if (node?.phase === "running") return undefined;
    const waiting = (node?.services ?? []).filter(({ state }) => state === "starting" || state === "restarting");
    const names = waiting.map(({ name, lastEnd }) =>
      lastEnd === undefined ? name : `${name} (ended with ${lastEnd}, see ${serviceLog(stateDir, name)})`,
    );
    return [node?.problem, `waiting for ${names.join(", ") || "the next server"}`]
      .filter((each) => each !== undefined)
      .join("; ");
  };

/** Imports what the node does not hold yet, the small images of the cluster's own pods first. */
async function importMissing(report: Reporter, pid: number, images: readonly ImageArchive[]): Promise<void> {
  const missing = await missingImages(pid, images);
  if (missing.length === 0) return;
  const sized = await Promise.all(missing.map(async (image) => ({ image, size: (await stat(image.archive)).size })));
  const queue = sized.sort((a, b) => a.size - b.size).map(({ image }) => image);
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

async function systemPodsReady(spec: NodeSpec, log: PhaseLog): Promise<void> {
  const api = new Api(layout(spec.stateDir).kubeconfig);
  const since = readStatus(spec.stateDir)?.since ?? 0;
  try {
    await untilReady(
      () => unreadiness(api, spec.nodeName, since),
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
