/** Files of operators that the embedded cluster has in its state directory, if it was started with operators. */
import path from "node:path";

/** Paths of a state directory's files. The manifests are the projects' release files, the certificates PEM files. */
export function operatorFiles(stateDir: string) {
  return {
    cloudNativePg: path.join(stateDir, "operators", "cnpg-1.30.0.yaml"),
    barmanCloud: path.join(stateDir, "operators", "plugin-barman-cloud-0.14.0.yaml"),
    /** Directory of server.crt, server.key, client.crt and client.key, by which operator and plugin trust each other. */
    certificates: path.join(stateDir, "operators", "certificates"),
    /** JSON with `accessKeyId` and `secretAccessKey`. */
    objectStoreCredentials: path.join(stateDir, "object-store", "credentials.json"),
  };
}
