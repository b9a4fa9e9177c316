/** The configuration that the launcher gives a stack: its file in the checkout, and what only the launcher knows. */
import { operatorFiles } from "../local/index.ts";
import type { Mapping } from "./configuration.ts";
import { isForEmbeddedCluster, needsOperators, project, section, type StackFile } from "./stack-files.ts";

const key = (name: string) => `${project}:${name}`;

/** The cluster that a configuration is for. */
export interface ConfiguredCluster {
  /** Its context. */
  readonly context: string;
  /** State directory of an embedded cluster; undefined for the user's cluster. */
  readonly stateDir?: string;
}

/**
 * A stack's configuration for a cluster. The user's cluster has none of the embedded cluster's images and pulls upstream
 * ones. An embedded cluster has the manifests of operators as files.
 */
export function sourceConfiguration(file: StackFile, { context, stateDir }: ConfiguredCluster): Mapping {
  const config: Record<string, unknown> = { ...file.config };
  config[key("cluster")] = { ...section(file, "cluster"), context };
  if (stateDir === undefined && isForEmbeddedCluster(file)) delete config[key("images")];
  if (stateDir !== undefined && needsOperators(file)) config[key("operators")] = operatorSettings(file, stateDir);
  return { ...file, config };
}

/** The stack's operators, installed from the embedded cluster's files. */
function operatorSettings(file: StackFile, stateDir: string): Mapping {
  const { manifests, certificates } = operatorFiles(stateDir);
  const settings = section(file, "operators");
  return {
    ...settings,
    cloudNativePg: { ...(settings["cloudNativePg"] as Mapping | undefined), manifest: manifests.cloudNativePg },
    barmanCloud: { ...(settings["barmanCloud"] as Mapping | undefined), manifest: manifests.barmanCloud, certificates },
  };
}
