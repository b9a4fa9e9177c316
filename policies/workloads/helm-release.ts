import type { ReportViolation, ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import { onlyFor, type SharedExemptions } from "../crossguard/exemptions.ts";
import { Reporter, type PolicyFacts } from "../crossguard/report.ts";
import { schemaOf } from "../crossguard/settings.ts";
import { Notes, Value } from "../kubernetes/value.ts";

const facts: PolicyFacts = {
  name: "helm-release",
  description: "Stacks deploy only objects that policies can inspect.",
  configSchema: schemaOf(),
};

/** Helm itself installs a Release: its objects are not resources of the stack, so no policy sees them. */
export function helmRelease(shared: SharedExemptions): ResourceValidationPolicy {
  return {
    ...facts,
    severity: "medium",
    validateResource: onlyFor(
      "kubernetes:helm.sh/v3:Release",
      (args: ResourceValidationArgs, report: ReportViolation) => {
        const reporter = new Reporter(facts, args.getConfig(), shared, report);
        const props = Value.root(args.props, new Notes());
        const chart = props.get("chart").textIfKnown();
        const subject = {
          kind: "Release",
          namespace: props.get("namespace").textIfKnown(),
          name: props.get("name").textIfKnown() ?? args.name,
          urn: args.urn,
        };
        reporter.report(subject, {
          message:
            `Helm release ${args.name}${chart === undefined ? "" : ` of chart ${chart}`} was not checked: ` +
            "Helm creates its objects, so the policies cannot see them.",
          why: "Its pods may be privileged or open to the whole cluster.",
          fix: "use kubernetes.helm.v4.Chart: its objects are resources of the stack",
        });
      },
    ),
  };
}
