/** The policy pack of this checkout, to which Pulumi holds the stack, without an exemption. */
import path from "node:path";
import type { Reporter } from "../local/report.ts";
import { compile, isCompiled } from "../policies/build.mjs";
import { checkout } from "./versions.ts";

const policies = path.join(checkout, "policies");

/** What `pulumi preview` and `pulumi up` are told, so that a violation of any policy stops them. */
export const mandatoryPolicies: readonly string[] = [
  "--policy-pack",
  policies,
  "--policy-pack-config",
  path.join(policies, "mandatory.json"),
];

/** Compiles the pack where its sources have changed. */
export async function preparePolicyPack(report: Reporter): Promise<void> {
  if (!isCompiled()) await report.phase("Compiling the policy pack", () => compile());
}
