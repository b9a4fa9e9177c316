import type { GoCommand } from "../artifacts/go.ts";

// Both packages are told: one is what the servers say they are, the other what clients say in their user agent.
const kubernetesVersion = Object.fromEntries(
  ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((name) => [
    [`${name}.gitVersion`, "v1.34.2"],
    [`${name}.gitMajor`, "1"],
    [`${name}.gitMinor`, "34"],
  ]),
) as Readonly<Record<string, string>>;

/** The commands built from Go modules. Their versions stand in the modules' go.mod. */
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
