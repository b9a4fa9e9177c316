import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { fill } from "../config/render.ts";
import { clusterDomain, dnsServiceAddress, layout, writeAtomically } from "../node/spec.ts";
import type { NodeSpec } from "../node/spec.ts";

const source = path.join(import.meta.dirname, "../manifests");

/** Renders and applies the system objects in `local/manifests`. */
export async function applyManifests(spec: NodeSpec): Promise<void> {
  const { config, kubeconfig } = layout(spec.stateDir);
  const directory = path.join(config, "manifests");
  const values = {
    CLUSTER_DOMAIN: clusterDomain,
    COREDNS_IMAGE: spec.images.coredns,
    DNS_ADDRESS: dnsServiceAddress,
    HELPER_IMAGE: spec.images.helper,
    LOCAL_PATH_PROVISIONER_IMAGE: spec.images.localPathProvisioner,
  };
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const file of readdirSync(source)) {
    await writeAtomically(path.join(directory, file), fill(readFileSync(path.join(source, file), "utf8"), values));
  }
  const apply = ["apply", "--server-side", "--force-conflicts", "--field-manager=bana-local-cluster"];
  await promisify(execFile)(spec.artifacts.kubectl, ["--kubeconfig", kubeconfig, ...apply, "--kustomize", directory], {
    timeout: 60_000,
  });
}
