import type { GoCommand } from "../artifacts/go.ts";

// Two packages hold the version: one for the servers' version, the other for the clients' user agent.
const kubernetesVersion = Object.fromEntries(
  ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((name) => [
    [`${name}.gitVersion`, "v1.34.2"],
    [`${name}.gitMajor`, "1"],
    [`${name}.gitMinor`, "34"],
  ]),
) as Readonly<Record<string, string>>;

/** Commands of every cluster, built from Go modules; go.mod pins their versions. */
export const goCommands = [
  { name: "kubernetes", module: ".", package: "./kubernetes", variables: kubernetesVersion },
  { name: "coredns", module: ".", package: "./coredns" },
  { name: "kube-network-policies", module: ".", package: "./kube-network-policies" },
  { name: "pause", module: ".", package: "./pause" },
  {
    name: "local-path-provisioner",
    module: "local-path-provisioner",
    package: "github.com/rancher/local-path-provisioner",
    variables: { "main.VERSION": "v0.0.30" },
  },
] as const satisfies readonly GoCommand[];

/** Commands of a cluster with operators. */
export const operatorCommands = [
  {
    name: "cloudnative-pg",
    module: "cloudnative-pg",
    package: "github.com/cloudnative-pg/cloudnative-pg/cmd/manager",
  },
  {
    name: "plugin-barman-cloud",
    module: "plugin-barman-cloud",
    package: "github.com/cloudnative-pg/plugin-barman-cloud/cmd/manager",
  },
  {
    name: "versitygw",
    module: "versitygw",
    package: "github.com/versity/versitygw/cmd/versitygw",
    variables: { "main.Version": "v1.8.0" },
  },
] as const satisfies readonly GoCommand[];
