/** The checkout's policy pack, which Pulumi enforces on the stack without exemptions. */
import path from "node:path";
import type { Reporter } from "../local/report.ts";
import { compile, isCompiled } from "../policies/build.mjs";
import { checkout } from "./versions.ts";

const policies = path.join(checkout, "policies");

/** Options of `pulumi preview` and `pulumi up` that make every policy mandatory: a violation stops them. */
export const mandatoryPolicies: readonly string[] = [
  "--policy-pack",
  policies,
  "--policy-pack-config",
  path.join(policies, "mandatory.json"),
];

/** Compiles the pack if its sources have changed. */
export async function preparePolicyPack(report: Reporter): Promise<void> {
  if (!isCompiled()) await report.phase("Compiling the policy pack", () => compile());
}
