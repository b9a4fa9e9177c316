import { homedir } from "node:os";
import path from "node:path";

/** The kubeconfig files that kubectl, Pulumi's provider and this program read. */
export function kubeconfigFiles(env: NodeJS.ProcessEnv = process.env): readonly string[] {
  const given = (env["KUBECONFIG"] ?? "").split(path.delimiter).filter((file) => file !== "");
  return given.length > 0 ? given : [path.join(homedir(), ".kube", "config")];
}
