import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { fill } from "../config/render.ts";
import { clusterDomain, dnsServiceAddress, layout, writeAtomically } from "../node/spec.ts";
import type { NodeSpec } from "../node/spec.ts";
import type { ObjectStoreCredentials } from "../operators.ts";

const sources = path.dirname(import.meta.dirname);

/** Renders and applies the system objects in `local/manifests`, and those of the object store if the node has one. */
export async function applyManifests(spec: NodeSpec): Promise<void> {
  const { objectStore } = spec.images;
  const values = {
    CLUSTER_DOMAIN: clusterDomain,
    COREDNS_IMAGE: spec.images.coredns,
    DNS_ADDRESS: dnsServiceAddress,
    HELPER_IMAGE: spec.images.helper,
    LOCAL_PATH_PROVISIONER_IMAGE: spec.images.localPathProvisioner,
  };
  await applyFolder(spec, "manifests", values);
  if (objectStore === undefined) return;
  const credentials = readFileSync(layout(spec.stateDir).objectStoreCredentials, "utf8");
  const { accessKeyId, secretAccessKey } = JSON.parse(credentials) as ObjectStoreCredentials;
  await applyFolder(spec, "object-store", {
    HELPER_IMAGE: spec.images.helper,
    OBJECT_STORE_ACCESS_KEY_ID: accessKeyId,
    OBJECT_STORE_IMAGE: objectStore,
    OBJECT_STORE_SECRET_ACCESS_KEY: secretAccessKey,
  });
}

async function applyFolder(spec: NodeSpec, folder: string, values: Readonly<Record<string, string>>): Promise<void> {
  const { config, kubeconfig } = layout(spec.stateDir);
  const source = path.join(sources, folder);
  const directory = path.join(config, folder);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const file of readdirSync(source)) {
    await writeAtomically(path.join(directory, file), fill(readFileSync(path.join(source, file), "utf8"), values));
  }
  const apply = ["apply", "--server-side", "--force-conflicts", "--field-manager=bana-local-cluster"];
  await promisify(execFile)(spec.artifacts.kubectl, ["--kubeconfig", kubeconfig, ...apply, "--kustomize", directory], {
    timeout: 60_000,
  });
}
