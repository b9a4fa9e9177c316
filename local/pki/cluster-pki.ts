import { createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { stringify } from "yaml";
import { apiServiceAddress, clusterDomain, layout, writeAtomically } from "../node/spec.ts";
import type { NodeSpec } from "../node/spec.ts";
import { certificateAuthority, isCurrent, leafCertificate } from "./certificate.ts";
import type { KeyPair, LeafRequest, Subject } from "./certificate.ts";

type AuthorityName = "ca" | "etcd-ca";

interface Leaf extends LeafRequest {
  readonly authority: AuthorityName;
}

/** etcd has an authority of its own: nobody but the API server can talk to it, whatever the cluster signs later. */
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

/** Who logs in with a kubeconfig of its own. Users named `bana:` get their rights in `manifests/rbac.yaml`. */
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
 * Makes what is missing of the cluster's keys, certificates and kubeconfigs, and renews what is near its end or no
 * longer fits the node's address. Authorities and the service account key stay as they are for the cluster's life.
 */
export async function preparePki(spec: NodeSpec): Promise<void> {
  const { pki, kubeconfigs, kubeconfig } = layout(spec.stateDir);
  await mkdir(pki, { recursive: true, mode: 0o700 });
  await mkdir(kubeconfigs, { recursive: true, mode: 0o700 });
  const authorities = {
    ca: await keepOrMake(pki, "ca", () => certificateAuthority("kubernetes"), alwaysGood),
    "etcd-ca": await keepOrMake(pki, "etcd-ca", () => certificateAuthority("etcd"), alwaysGood),
  };
  await prepareServiceAccountKey(pki);

  const leaf = (name: string, request: Leaf) => {
    const authority = authorities[request.authority];
    return keepOrMake(
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

const alwaysGood = () => true;

/** A kill between the two writes leaves a key and a certificate that do not match: the pair is made anew. */
async function keepOrMake(
  directory: string,
  name: string,
  make: () => KeyPair,
  isGood: (certificate: string) => boolean,
): Promise<KeyPair> {
  const keyFile = path.join(directory, `${name}.key`);
  const certificateFile = path.join(directory, `${name}.crt`);
  if (existsSync(certificateFile) && existsSync(keyFile)) {
    const pair = { key: readFileSync(keyFile, "utf8"), certificate: readFileSync(certificateFile, "utf8") };
    if (isGood(pair.certificate) && isMatching(pair)) return pair;
  }
  const pair = make();
  await writeAtomically(keyFile, pair.key);
  await writeAtomically(certificateFile, pair.certificate);
  return pair;
}

function isMatching({ key, certificate }: KeyPair): boolean {
  return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
}

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
