/** Pulumi's own Kubernetes provider, built from its Go module: some minutes, once. */
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { buildGo, moduleFolder, type GoCommand } from "../local/artifacts/go.ts";
import type { PhaseLog } from "../local/report.ts";
import type { GoBuild } from "./go-build.ts";
import { pinned } from "./versions.ts";

/** Its go.mod requires the commit of the release that package.json pins, and what that release was built with. */
const provider = "github.com/pulumi/pulumi-kubernetes/provider/v4";

const command: GoCommand = {
  name: "pulumi-resource-kubernetes",
  module: "../../launcher/go/kubernetes-provider",
  package: "./.",
  variables: { [`${provider}/pkg/version.Version`]: pinned("@pulumi/kubernetes") },
  // 66 packages of types that say what the provider's own components of YAML and charts make.
  unoptimized: "github.com/pulumi/pulumi-kubernetes/sdk/v4/...",
};

export const kubernetesProviderBuild: GoBuild = {
  title: "Building Pulumi's Kubernetes provider",
  name: "pulumi-kubernetes",
  command,
  seconds: 240,
  instead: "it is neither on PATH nor in Pulumi's plugin cache, and it cannot be downloaded",
  build,
};

/** As a release is made: the provider carries its schema, with its version in it, and the names that Terraform has for its kinds. */
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
