import { generateKeyPairSync } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { stringify } from "yaml";
import { apiServiceAddress, clusterDomain, layout, writeAtomically } from "../node/spec.ts";
import type { NodeSpec } from "../node/spec.ts";
import { certificateAuthority, isCurrent, leafCertificate } from "./certificate.ts";
import type { KeyPair, LeafRequest, Subject } from "./certificate.ts";
import { loadOrCreate } from "./stored.ts";

type AuthorityName = "ca" | "etcd-ca";

interface Leaf extends LeafRequest {
  readonly authority: AuthorityName;
}

/** etcd has a separate CA, so that no client certificate of the cluster CA gives access to it. */
const leaves = ({ nodeName, link }: NodeSpec): Record<string, Leaf> => ({
  etcd: { authority: "etcd-ca", commonName: "etcd", usages: ["server", "client"], altNames: ["127.0.0.1"] },
  "apiserver-etcd-client": { authority: "etcd-ca", commonName: "kube-apiserver", usages: ["client"] },
  apiserver: {
    authority: "ca",
    commonName: "kube-apiserver",
    usages: ["server"],
    altNames: [
      link.nodeAddress,
      apiServiceAddress,
      "127.0.0.1",
      nodeName,
      "kubernetes",
      "kubernetes.default",
      "kubernetes.default.svc",
      `kubernetes.default.svc.${clusterDomain}`,
    ],
  },
  "apiserver-kubelet-client": { authority: "ca", commonName: "kube-apiserver-kubelet-client", usages: ["client"] },
  kubelet: { authority: "ca", commonName: nodeName, usages: ["server"], altNames: [link.nodeAddress, nodeName] },
});

/** Users with a kubeconfig. `manifests/rbac.yaml` grants the permissions of `bana:` users, except of `bana:admin`. */
const users = ({ nodeName }: NodeSpec): Record<string, Subject> => ({
  admin: { commonName: "bana:admin", organization: "system:masters" },
  "kube-controller-manager": { commonName: "system:kube-controller-manager" },
  "kube-scheduler": { commonName: "system:kube-scheduler" },
  "kube-proxy": { commonName: "system:kube-proxy" },
  kubelet: { commonName: `system:node:${nodeName}`, organization: "system:nodes" },
  "kube-network-policies": { commonName: "bana:network-policies" },
  "volume-expansion": { commonName: "bana:volume-expansion" },
});

/**
 * Creates missing keys, certificates and kubeconfigs. Renews certificates that expire soon or do not match the node's
 * address. CAs and the service account key are kept for the cluster's lifetime.
 */
export async function preparePki(spec: NodeSpec): Promise<void> {
  const { pki, kubeconfigs, kubeconfig } = layout(spec.stateDir);
  await mkdir(pki, { recursive: true, mode: 0o700 });
  await mkdir(kubeconfigs, { recursive: true, mode: 0o700 });
  const authorities = {
    ca: await loadOrCreate(pki, "ca", () => certificateAuthority("kubernetes"), alwaysValid),
    "etcd-ca": await loadOrCreate(pki, "etcd-ca", () => certificateAuthority("etcd"), alwaysValid),
  };
  await prepareServiceAccountKey(pki);

  const leaf = (name: string, request: Leaf) => {
    const authority = authorities[request.authority];
    return loadOrCreate(
      pki,
      name,
      () => leafCertificate(authority, request),
      (certificate) => isCurrent(certificate, authority.certificate, request),
    );
  };
  for (const [name, request] of Object.entries(leaves(spec))) await leaf(name, request);
  for (const [name, subject] of Object.entries(users(spec))) {
    const pair = await leaf(`user-${name}`, { ...subject, authority: "ca", usages: ["client"] });
    const file = name === "admin" ? kubeconfig : path.join(kubeconfigs, name);
    await writeAtomically(file, kubeconfigText(spec, authorities.ca.certificate, name, pair));
  }
}

const alwaysValid = () => true;

async function prepareServiceAccountKey(pki: string): Promise<void> {
  const publicFile = path.join(pki, "service-account.pub");
  if (existsSync(publicFile)) return;
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = { type: "pkcs8", format: "pem" } as const;
  await writeAtomically(path.join(pki, "service-account.key"), privateKey.export(pem).toString());
  await writeAtomically(publicFile, publicKey.export({ type: "spki", format: "pem" }).toString());
}

function kubeconfigText({ nodeName, link }: NodeSpec, ca: string, user: string, pair: KeyPair): string {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: nodeName,
        cluster: { server: `https://${link.nodeAddress}:6443`, "certificate-authority-data": base64(ca) },
      },
    ],
    users: [
      {
        name: user,
        user: { "client-certificate-data": base64(pair.certificate), "client-key-data": base64(pair.key) },
      },
    ],
    contexts: [{ name: nodeName, context: { cluster: nodeName, user } }],
    "current-context": nodeName,
  });
}
