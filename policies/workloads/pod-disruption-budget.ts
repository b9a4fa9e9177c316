import type { StackValidationPolicy } from "@pulumi/policy";
import type { SharedExemptions } from "../crossguard/exemptions.ts";
import { Reporter, type PolicyFacts } from "../crossguard/report.ts";
import { schemaOf } from "../crossguard/settings.ts";
import { objectsOf, title, type KubernetesObject } from "../kubernetes/objects.ts";
import { podTemplateOf } from "../kubernetes/pods.ts";
import { readSelector, selects, type Selector } from "../network/selector.ts";

const replicatedKinds = new Set(["Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"]);

const facts: PolicyFacts = {
  name: "pod-disruption-budget",
  description: "Workloads with several replicas keep enough of them while nodes are drained.",
  configSchema: schemaOf(),
};

/** Without a budget a drain may evict every replica at once. */
export function podDisruptionBudget(shared: SharedExemptions): StackValidationPolicy {
  return {
    ...facts,
    severity: "low",
    validateStack: (args, report) => {
      const reporter = new Reporter(facts, args.getConfig(), shared, report);
      const objects = args.resources.flatMap((resource) => objectsOf(resource));
      const budgets = budgetsByNamespace(objects);
      for (const object of objects) {
        if (!replicatedKinds.has(object.kind) || object.partial || object.namespace === undefined) continue;
        const replicas = object.value.get("spec", "replicas").integer() ?? 1;
        const labels = podTemplateOf(object)?.metadata.get("labels");
        if (replicas < 2 || labels === undefined || labels.isUnknown) continue;
        const known = labels.strings();
        if (labels.hidesSomething) continue;
        const candidates = [...(budgets.get(object.namespace) ?? []), ...(budgets.get(undefined) ?? [])];
        if (candidates.some(({ selector, isCertain }) => !isCertain || (selector && selects(selector, known))))
          continue;
        reporter.report(object, {
          message:
            `${title(object)} has ${replicas} replicas, and no PodDisruptionBudget of its namespace selects them.\n` +
            "  Mend: add one, with maxUnavailable: 1 for example.",
        });
      }
    },
  };
}

interface Budget {
  readonly namespace: string | undefined;
  /** Undefined: it selects nothing. */
  readonly selector: Selector | undefined;
  readonly isCertain: boolean;
}

function budgetsByNamespace(objects: readonly KubernetesObject[]): ReadonlyMap<string | undefined, readonly Budget[]> {
  const budgets = new Map<string | undefined, Budget[]>();
  for (const object of objects) {
    if (object.kind !== "PodDisruptionBudget") continue;
    const budget = readBudget(object);
    const known = budgets.get(budget.namespace);
    if (known === undefined) budgets.set(budget.namespace, [budget]);
    else known.push(budget);
  }
  return budgets;
}

function readBudget({ namespace, value, partial }: KubernetesObject): Budget {
  const selector = value.get("spec", "selector");
  const read = selector.isSet ? readSelector(selector) : undefined;
  return { namespace, selector: read, isCertain: !partial && !selector.hidesSomething };
}
