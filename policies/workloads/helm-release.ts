import type { ReportViolation, ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import { onlyFor, type SharedExemptions } from "../crossguard/exemptions.ts";
import { Reporter, type PolicyFacts } from "../crossguard/report.ts";
import { schemaOf } from "../crossguard/settings.ts";
import { Notes, Value } from "../kubernetes/value.ts";

const facts: PolicyFacts = {
  name: "helm-release",
  description: "What a stack deploys can be inspected.",
  configSchema: schemaOf(),
};

/** Helm itself installs a Release: none of its objects is a resource of the stack, and no policy sees them. */
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
            `Helm release ${args.name}${chart === undefined ? "" : ` of chart ${chart}`} cannot be inspected: ` +
            "Helm creates its objects, and no policy of this pack has seen them.",
          fix: "use kubernetes.helm.v4.Chart, whose objects are resources of the stack",
        });
      },
    ),
  };
}
