import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import path from "node:path";
import { operatorManifests } from "./images/operators.ts";
import { layout, writeAtomically } from "./node/spec.ts";
import { prepareOperatorCertificates } from "./pki/operator-pki.ts";

/** Credentials of the object store's only user. */
export interface ObjectStoreCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Paths of what a cluster with operators has for them in its state directory. */
export function operatorFiles(stateDir: string) {
  const { operators, objectStoreCredentials } = layout(stateDir);
  return {
    /** The projects' manifests, unchanged. */
    manifests: {
      cloudNativePg: path.join(operators, operatorManifests.cloudNativePg.name),
      barmanCloud: path.join(operators, operatorManifests.barmanCloud.name),
    },
    /** Folder with server.crt, server.key, client.crt and client.key. */
    certificates: path.join(operators, "certificates"),
    /** JSON, see {@link ObjectStoreCredentials}. */
    objectStoreCredentials,
  };
}

/**
 * Writes what operators need into the state directory: their manifests, the certificates of CloudNativePG and the
 * Barman Cloud plugin for each other, and the object store's credentials, which are created once.
 * @param manifests directory of the manifests
 */
export async function prepareOperatorFiles(stateDir: string, manifests: string): Promise<void> {
  const { manifests: copies, certificates, objectStoreCredentials } = operatorFiles(stateDir);
  await mkdir(certificates, { recursive: true, mode: 0o700 });
  await mkdir(path.dirname(objectStoreCredentials), { recursive: true, mode: 0o700 });
  for (const copy of Object.values(copies)) await copyFile(path.join(manifests, path.basename(copy)), copy);
  await prepareOperatorCertificates(certificates);
  if (!existsSync(objectStoreCredentials)) {
    await writeAtomically(objectStoreCredentials, JSON.stringify(newCredentials(), undefined, 2));
  }
}

function newCredentials(): ObjectStoreCredentials {
  return { accessKeyId: randomBytes(10).toString("hex"), secretAccessKey: randomBytes(20).toString("hex") };
}
