import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { clusterDomain, dnsServiceAddress, layout, podCidr, writeAtomically } from "../node/spec.ts";
import type { NodeSpec } from "../node/spec.ts";

const files = {
  "authentication.yaml": "authentication.yaml",
  "cni.conflist": "cni/10-pods.conflist",
  "containerd.toml": "containerd.toml",
  "kube-proxy.yaml": "kube-proxy.yaml",
  "kubelet.yaml": "kubelet.yaml",
} as const;

/** Renders the components' configuration files for this node into its state directory. */
export async function renderConfig(spec: NodeSpec): Promise<void> {
  const { config, kubeconfigs, pki } = layout(spec.stateDir);
  const values = {
    CGROUP: spec.cgroup,
    CLUSTER_DOMAIN: clusterDomain,
    CNI_DIRECTORY: path.join(config, "cni"),
    DNS_ADDRESS: dnsServiceAddress,
    KUBECONFIGS: kubeconfigs,
    NODE_ADDRESS: spec.link.nodeAddress,
    NODE_NAME: spec.nodeName,
    PAUSE_IMAGE: spec.images.pause,
    PKI: pki,
    POD_CIDR: podCidr,
  };
  await mkdir(path.join(config, "cni"), { recursive: true, mode: 0o700 });
  for (const [source, target] of Object.entries(files)) {
    const template = readFileSync(path.join(import.meta.dirname, source), "utf8");
    await writeAtomically(path.join(config, target), fill(template, values));
  }
}

/** Replaces every `${NAME}` in `template`. Throws if a name has no value. */
export function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\$\{([A-Z_]+)\}/g, (_placeholder, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`no value for the placeholder \${${name}}`);
    return value;
  });
}
