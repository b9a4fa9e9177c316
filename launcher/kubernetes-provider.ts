/** Builds Pulumi's Kubernetes provider from its Go module. Takes some minutes, once. */
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { buildGo, moduleFolder, type GoCommand } from "../local/artifacts/go.ts";
import type { PhaseLog } from "../local/report.ts";
import type { GoBuild } from "./go-build.ts";
import { pinned } from "./versions.ts";

/** Our go.mod pins it to the commit of the release in package.json, and its dependencies to that release's versions. */
const provider = "github.com/pulumi/pulumi-kubernetes/provider/v4";

const command: GoCommand = {
  name: "pulumi-resource-kubernetes",
  module: "../../launcher/go/kubernetes-provider",
  package: "./.",
  variables: { [`${provider}/pkg/version.Version`]: pinned("@pulumi/kubernetes") },
  // 66 packages of generated SDK types, used by the provider's YAML and Helm chart components.
  unoptimized: "github.com/pulumi/pulumi-kubernetes/sdk/v4/...",
};

export const kubernetesProviderBuild: GoBuild = {
  title: "Building Pulumi's Kubernetes provider",
  name: "pulumi-kubernetes",
  command,
  seconds: 420,
  reason: "it is neither on PATH nor in Pulumi's plugin cache, and the download failed",
  build,
};

/** Like a release build, it embeds the schema, with the version set, and the Terraform names of the resource types. */
async function build(log: PhaseLog, directory: string): Promise<void> {
  const source = path.join(await moduleFolder(log, command, provider), "cmd", "pulumi-resource-kubernetes");
  const schema = path.join(directory, "schema.json");
  const content = JSON.parse(await readFile(path.join(source, "schema.json"), "utf8")) as object;
  await writeFile(schema, JSON.stringify({ ...content, version: pinned("@pulumi/kubernetes") }));
  await buildGo(log, command, directory, {
    "schema.json": schema,
    "terraform-mapping.json": path.join(source, "terraform-mapping.json"),
  });
  await rm(schema);
}
