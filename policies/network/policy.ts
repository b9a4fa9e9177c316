import type { StackValidationPolicy } from "@pulumi/policy";
import type { SharedExemptions } from "../crossguard/exemptions.ts";
import { Reporter, type PolicyFacts } from "../crossguard/report.ts";
import { levelSchema, schemaOf } from "../crossguard/settings.ts";
import type { Resource } from "../kubernetes/objects.ts";
import { NetworkModel } from "./model.ts";
import type { NetworkSettings } from "./rule.ts";
import { networkRules } from "./rules/index.ts";

const facts: PolicyFacts = {
  name: "network",
  description: "Namespaces deny connections by default, and both ends of each allowed connection allow it.",
  configSchema: schemaOf(
    {
      dns: {
        type: "object",
        description: "Where the cluster's DNS pods are; default: kube-system, k8s-app: kube-dns, 53",
        additionalProperties: false,
        properties: {
          namespace: { type: "string", minLength: 1 },
          podLabels: { type: "object", additionalProperties: { type: "string" } },
          port: { type: "integer", minimum: 1, maximum: 65535 },
        },
      },
      allowedCidrs: {
        type: "array",
        items: { type: "string", pattern: "^[0-9A-Fa-f:.]+/[0-9]{1,3}$" },
        description: "Address blocks that rules may open although they cover half of all addresses or more",
      },
      allowedExternalPorts: {
        type: "array",
        items: { type: "integer", minimum: 1, maximum: 65535 },
        description: "Ports that rules may open to or from everyone",
      },
      elsewhere: { ...levelSchema, description: "Level of what depends on other stacks; default: advisory" },
    },
    { controls: [...networkRules.map(({ id }) => id), "malformed", "unknown", "elsewhere"] },
  ),
};

/** Checks all network policies of a stack against all its workloads, on one model. */
export function network(shared: SharedExemptions): StackValidationPolicy {
  return {
    ...facts,
    severity: "high",
    remediationSteps: "Each violation ends with its fix.",
    url: "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
    validateStack: (args, report) => {
      const model = new NetworkModel(args.resources);
      const reporter = new Reporter<NetworkSettings>(facts, args.getConfig(), shared, report);
      validate(model, reporter, stackOf(args.resources));
    },
  };
}

function validate(model: NetworkModel, reporter: Reporter<NetworkSettings>, stack: string): void {
  const elsewhere = new Set(unreadPoliciesOf(model));
  const context = { settings: reporter.settings, elsewhere: (what: string) => void elsewhere.add(what) };
  for (const { id, why, fix: usual, level, find } of networkRules) {
    for (const { subject, fix = usual, ...finding } of find(model, context)) {
      reporter.report(subject, {
        ...finding,
        control: id,
        why,
        fix,
        ...(level && { level }),
      });
    }
  }
  for (const object of model.objects) reporter.reportUnknown(object);
  for (const object of model.validated) reporter.reportMalformed(object);
  const whole = { kind: "Stack", namespace: undefined, name: "", urn: stack };
  reporter.reportUnusedExemptions(whole);
  if (elsewhere.size === 0) return;
  reporter.report(whole, {
    control: "elsewhere",
    level: reporter.settings.elsewhere ?? "advisory",
    message: "Not checked, because this stack alone does not show it:",
    details: [...elsewhere],
    why: "Objects that this pack cannot see may allow or deny connections.",
    fix: 'check these in the cluster, or hide this report with network.elsewhere: "disabled"',
  });
}

/** Unread objects that may allow or deny connections; where they may apply, no rule is reported as missing. */
export function unreadPoliciesOf({ namespaces, unreadPolicies }: NetworkModel): readonly string[] {
  return [...unreadPolicies, ...[...namespaces.values()].flatMap((namespace) => namespace.unreadPolicies)];
}

function stackOf(resources: readonly Resource[]): string {
  return resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.urn ?? "";
}
