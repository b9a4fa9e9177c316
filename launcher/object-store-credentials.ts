import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { operatorFiles, type ObjectStoreCredentials } from "../local/operators.ts";
import type { Environment } from "./environment.ts";
import { outputOf } from "./programs.ts";
import { project, section, type StackFile } from "./stack-files.ts";
import { checkout } from "./versions.ts";

/**
 * Encrypts the credentials of the embedded cluster's object store into the stack's configuration, if the stack uses an
 * object store and its configuration has no credentials. Pulumi reads them from its standard input: other users can see command lines.
 * @param env the complete environment for Pulumi
 */
export async function setObjectStoreCredentials(
  { configFile, stateDir, report }: Pick<Environment, "configFile" | "stateDir" | "report">,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const configured = parse(readFileSync(configFile, "utf8")) as StackFile;
  const objectStore = section(configured, "objectStore");
  if (objectStore["endpoint"] === undefined || objectStore["credentials"] !== undefined) return;
  const file = operatorFiles(stateDir).objectStoreCredentials;
  const credentials = JSON.parse(readFileSync(file, "utf8")) as ObjectStoreCredentials;
  await report.phase("Encrypting the object store's credentials", async (log) => {
    for (const field of ["accessKeyId", "secretAccessKey"] as const) {
      const setting = `${project}:objectStore.credentials.${field}`;
      const argv = ["pulumi", "config", "set", "--secret", "--path", setting, "--non-interactive"] as const;
      await outputOf({ argv, cwd: checkout, env, input: credentials[field], log: log.path });
    }
  });
}
