import { saveCompileCache } from "./crossguard/compile-cache.ts";
import { PolicyPack } from "@pulumi/policy";
import { KubernetesPolicies } from "./policies.ts";

// Entry point of the pack for `--policy-pack DIR`. Importing the package loads `index.ts`, which starts nothing.
const { policies, config } = new KubernetesPolicies();

new PolicyPack(
  "kubernetes-policies",
  {
    displayName: "Kubernetes: Pod Security and default-deny networking",
    description: "Restricted Pod Security and default-deny networking for any stack, in any language.",
    provider: "kubernetes",
    policies,
  },
  config,
);

saveCompileCache();
