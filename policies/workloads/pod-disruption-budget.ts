import type { StackValidationPolicy } from "@pulumi/policy";
import type { SharedExemptions } from "../crossguard/exemptions.ts";
import type { Reporter } from "../crossguard/report.ts";
import { schemaOf } from "../crossguard/settings.ts";
import { stackPolicy } from "../crossguard/stack-policy.ts";
import { title, type KubernetesObject } from "../kubernetes/objects.ts";
import { podTemplateOf } from "../kubernetes/pods.ts";
import { readSelector, selects, type Selector } from "../network/selector.ts";

const replicatedKinds = new Set(["Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"]);

/** Without a budget, draining nodes may evict all replicas at the same time. */
export function podDisruptionBudget(shared: SharedExemptions): StackValidationPolicy {
  return stackPolicy(
    {
      name: "pod-disruption-budget",
      description: "Workloads with several replicas keep some of them while nodes are drained.",
      severity: "low",
      configSchema: schemaOf(),
      validate: (objects, reporter) => {
        const budgets = objects.filter(({ kind }) => kind === "PodDisruptionBudget").map(readBudget);
        for (const object of objects) {
          if (!replicatedKinds.has(object.kind) || object.partial) continue;
          const candidates = budgets.filter(({ namespace }) => {
            return namespace === undefined || object.namespace === undefined || namespace === object.namespace;
          });
          validate(object, candidates, reporter);
        }
      },
    },
    shared,
  );
}

function validate(object: KubernetesObject, candidates: readonly Budget[], reporter: Reporter): void {
  const replicas = object.value.get("spec", "replicas");
  const count = replicas.integer() ?? 1;
  const labels = podTemplateOf(object)?.metadata.get("labels");
  if (labels === undefined || (count < 2 && !replicas.isUnknown)) return;
  const known = labels.strings();
  const isLabelUnknown = labels.hasUnknown;
  const fitting = candidates.filter(({ selector }) => selector !== undefined && selects(selector, known));
  const certain = fitting.filter(({ isCertain, selector }) => {
    return isCertain && !(isLabelUnknown && selector?.requirements.some(requiresAbsence));
  });
  if (object.namespace !== undefined && certain.length > 0) return;
  const unknowns = [
    ...(replicas.isUnknown ? [replicas.path] : []),
    ...(isLabelUnknown && candidates.length > 0 ? [labels.path] : []),
    ...candidates.filter(({ isCertain }) => !isCertain).map((budget) => budget.title),
    ...(object.namespace === undefined && fitting.length > 0 ? ["metadata.namespace"] : []),
  ];
  if (unknowns.length > 0) {
    const message = `${title(object)} may have several replicas without a PodDisruptionBudget. It depends on:`;
    reporter.reportUndetermined(object, message, unknowns);
    return;
  }
  reporter.report(object, {
    message: `${title(object)} has ${count} replicas, but no PodDisruptionBudget of its namespace selects its pods.`,
    why: "Draining nodes may evict all replicas at the same time.",
    fix: "add a PodDisruptionBudget that selects them, for example with maxUnavailable: 1",
  });
}

/** Whether an unknown label may break the requirement. */
function requiresAbsence({ operator }: Selector["requirements"][number]): boolean {
  return operator === "NotIn" || operator === "DoesNotExist";
}

interface Budget {
  readonly title: string;
  readonly namespace: string | undefined;
  /** Undefined if it selects nothing. */
  readonly selector: Selector | undefined;
  /** Its namespace and selector are fully known. */
  readonly isCertain: boolean;
}

function readBudget(object: KubernetesObject): Budget {
  const { namespace, value, partial } = object;
  const selector = value.get("spec", "selector");
  const read = selector.isSet ? readSelector(selector) : undefined;
  const isCertain = !partial && namespace !== undefined && !selector.hasUnknown;
  return { title: title(object), namespace, selector: read, isCertain };
}
