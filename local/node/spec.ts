import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Link } from "./link.ts";

/** Specification of one node. The host writes it to `node.json` in the state directory; the supervisor reads it. */
export interface NodeSpec {
  /** Name of the Node object, its host name and its kubeconfig context: `bana-<cluster>`. */
  readonly nodeName: string;
  readonly stateDir: string;
  readonly cacheDir: string;
  /** Root of the project's checkout, which contains the supervisor and its modules. */
  readonly checkout: string;
  /** Digest of the code and configuration that the node uses from the checkout. */
  readonly sources: string;
  readonly link: Link;
  /** Name of the node's cgroup in every hierarchy. */
  readonly cgroup: string;
  readonly artifacts: {
    /** Binary with all Kubernetes components; the first argument selects one. */
    readonly kubernetes: string;
    readonly kubectl: string;
    readonly kubeNetworkPolicies: string;
    /** Directory of the node's Debian root file system. */
    readonly nodeRootfs: string;
  };
  readonly images: {
    readonly pause: string;
    readonly coredns: string;
    readonly localPathProvisioner: string;
    readonly helper: string;
    /** Only in a cluster with operators. */
    readonly objectStore?: string;
  };
}

export const podCidr = "10.244.0.0/16";
export const serviceCidr = "10.96.0.0/16";
/** Address of the API server's Service: the first one in the service CIDR. */
export const apiServiceAddress = "10.96.0.1";
export const dnsServiceAddress = "10.96.0.10";
export const clusterDomain = "cluster.local";

/** Paths in a cluster's state directory. */
export const layout = (stateDir: string) => ({
  spec: path.join(stateDir, "node.json"),
  /** Host PID and start time of the node's init process. */
  pid: path.join(stateDir, "node.pid"),
  status: path.join(stateDir, "status.json"),
  kubeconfig: path.join(stateDir, "kubeconfig"),
  kubeconfigs: path.join(stateDir, "kubeconfigs"),
  pki: path.join(stateDir, "pki"),
  config: path.join(stateDir, "config"),
  logs: path.join(stateDir, "logs"),
  /** Only in a cluster with operators: their manifests, and the folder `certificates`. */
  operators: path.join(stateDir, "operators"),
  objectStoreCredentials: path.join(stateDir, "object-store", "credentials.json"),
});

/** Eight hexadecimal digits that identify the cluster on this machine, derived from its state directory. */
export function clusterId(stateDir: string): string {
  return createHash("sha256").update(path.resolve(stateDir)).digest("hex").slice(0, 8);
}

/** Digest of the node's code, configuration and manifests. */
export function sourcesDigest(): string {
  const local = path.dirname(import.meta.dirname);
  const hash = createHash("sha256");
  for (const folder of ["config", "manifests", "node", "object-store", "pki", "supervisor"]) {
    for (const file of readdirSync(path.join(local, folder)).sort()) {
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
  await writeAtomically(layout(spec.stateDir).spec, JSON.stringify(spec, undefined, 2));
}

/** Replaces a file atomically; mode 0600. */
export async function writeAtomically(file: string, content: string): Promise<void> {
  const partial = `${file}.partial`;
  await writeFile(partial, content, { mode: 0o600, flush: true });
  await rename(partial, file);
}
