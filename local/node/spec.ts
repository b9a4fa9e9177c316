import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Link } from "./link.ts";

/** All that makes one node: written by the host to `node.json` in the state directory, read by the node's supervisor. */
export interface NodeSpec {
  /** Name of the cluster's one Node object, its host name and its kubeconfig context: `bana-<cluster>`. */
  readonly nodeName: string;
  readonly stateDir: string;
  readonly cacheDir: string;
  /** Root of the project's checkout, where the supervisor and its modules are. */
  readonly checkout: string;
  /** Digest of the code and configuration that the node runs from the checkout. */
  readonly sources: string;
  readonly link: Link;
  /** Name of the node's branch in every cgroup hierarchy. */
  readonly cgroup: string;
  readonly artifacts: {
    /** One binary with every Kubernetes server in it, chosen by its first argument. */
    readonly kubernetes: string;
    readonly kubectl: string;
    readonly kubeNetworkPolicies: string;
    /** Directory with the node's Debian root filesystem. */
    readonly nodeRootfs: string;
  };
  readonly images: {
    readonly pause: string;
    readonly coredns: string;
    readonly localPathProvisioner: string;
    readonly helper: string;
  };
}

export const podCidr = "10.244.0.0/16";
export const serviceCidr = "10.96.0.0/16";
/** The first address of the service range is the API server's own Service. */
export const apiServiceAddress = "10.96.0.1";
export const dnsServiceAddress = "10.96.0.10";
export const clusterDomain = "cluster.local";

/** Where things lie in a cluster's state directory. */
export const layout = (stateDir: string) => ({
  spec: path.join(stateDir, "node.json"),
  /** Process id and start time of the node's first process, as the host counts them. */
  pid: path.join(stateDir, "node.pid"),
  status: path.join(stateDir, "status.json"),
  kubeconfig: path.join(stateDir, "kubeconfig"),
  kubeconfigs: path.join(stateDir, "kubeconfigs"),
  pki: path.join(stateDir, "pki"),
  config: path.join(stateDir, "config"),
  logs: path.join(stateDir, "logs"),
});

/** Eight hexadecimal digits that tell this state directory's cluster from every other one on the machine. */
export function clusterId(stateDir: string): string {
  return createHash("sha256").update(path.resolve(stateDir)).digest("hex").slice(0, 8);
}

/** What changes when the node's own code, configuration or manifests do. */
export function sourcesDigest(): string {
  const local = path.dirname(import.meta.dirname);
  const hash = createHash("sha256");
  for (const folder of ["config", "manifests", "node", "pki", "supervisor"]) {
    for (const file of readdirSync(path.join(local, folder)).sort()) {
      if (file.endsWith(".test.ts")) continue;
      hash.update(file).update(readFileSync(path.join(local, folder, file)));
    }
  }
  return hash.digest("hex").slice(0, 16);
}

export function readSpec(stateDir: string): NodeSpec {
  return JSON.parse(readFileSync(layout(stateDir).spec, "utf8")) as NodeSpec;
}

export async function writeSpec(spec: NodeSpec): Promise<void> {
  await mkdir(spec.stateDir, { recursive: true, mode: 0o700 });
  await writeWhole(layout(spec.stateDir).spec, JSON.stringify(spec, undefined, 2));
}

/** Writes a file that readers see either as it was or whole, even if we are killed; readable by its owner only. */
export async function writeWhole(file: string, content: string): Promise<void> {
  const partial = `${file}.partial`;
  await writeFile(partial, content, { mode: 0o600, flush: true });
  await rename(partial, file);
}
