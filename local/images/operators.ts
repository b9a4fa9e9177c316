import type { GoCommand } from "../artifacts/go.ts";
import { operatorCommands } from "./commands.ts";

/** An operator's manifest: its project publishes the file that the operator's Go module contains. */
export interface OperatorManifest {
  /** The command whose module has the operator's module as a dependency. */
  readonly command: GoCommand;
  readonly module: string;
  /** Path in the operator's module. */
  readonly file: string;
  /** Name of the copy. */
  readonly name: string;
}

const [cloudNativePg, barmanCloud] = operatorCommands;

export const operatorManifests = {
  cloudNativePg: {
    command: cloudNativePg,
    module: "github.com/cloudnative-pg/cloudnative-pg",
    file: "releases/cnpg-1.30.0.yaml",
    name: "cnpg-1.30.0.yaml",
  },
  barmanCloud: {
    command: barmanCloud,
    module: "github.com/cloudnative-pg/plugin-barman-cloud",
    file: "manifest.yaml",
    name: "plugin-barman-cloud-0.14.0.yaml",
  },
} as const satisfies Readonly<Record<string, OperatorManifest>>;
