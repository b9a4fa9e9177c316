import type { StackValidationPolicy } from "@pulumi/policy";
import type { SharedExemptions } from "../crossguard/exemptions.ts";
import type { Reporter } from "../crossguard/report.ts";
import { schemaOf } from "../crossguard/settings.ts";
import { stackPolicy } from "../crossguard/stack-policy.ts";
import { title, type KubernetesObject } from "../kubernetes/objects.ts";
import { podTemplateOf } from "../kubernetes/pods.ts";
import { readSelector, selects, type Selector } from "../network/selector.ts";

const replicatedKinds = new Set(["Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"]);

/** Without a budget a drain may evict every replica at once. */
export function podDisruptionBudget(shared: SharedExemptions): StackValidationPolicy {
  return stackPolicy(
    {
      name: "pod-disruption-budget",
      description: "Workloads with several replicas keep enough of them while nodes are drained.",
      severity: "low",
      configSchema: schemaOf(),
      judge: (objects, reporter) => {
        const budgets = objects.filter(({ kind }) => kind === "PodDisruptionBudget").map(readBudget);
        for (const object of objects) {
          if (!replicatedKinds.has(object.kind) || object.partial) continue;
          const candidates = budgets.filter(({ namespace }) => {
            return namespace === undefined || object.namespace === undefined || namespace === object.namespace;
          });
          judge(object, candidates, reporter);
        }
      },
    },
    shared,
  );
}

function judge(object: KubernetesObject, candidates: readonly Budget[], reporter: Reporter): void {
  const replicas = object.value.get("spec", "replicas");
  const count = replicas.integer() ?? 1;
  const labels = podTemplateOf(object)?.metadata.get("labels");
  if (labels === undefined || (count < 2 && !replicas.isUnknown)) return;
  const known = labels.strings();
  const isLabelUnknown = labels.hidesSomething;
  const fitting = candidates.filter(({ selector }) => selector !== undefined && selects(selector, known));
  const certain = fitting.filter(({ isCertain, selector }) => {
    return isCertain && !(isLabelUnknown && selector?.requirements.some(asksForAbsence));
  });
  if (object.namespace !== undefined && certain.length > 0) return;
  const doubts = [
    ...(replicas.isUnknown ? [replicas.path] : []),
    ...(isLabelUnknown && candidates.length > 0 ? [labels.path] : []),
    ...candidates.filter(({ isCertain }) => !isCertain).map((budget) => budget.title),
    ...(object.namespace === undefined && fitting.length > 0 ? ["metadata.namespace"] : []),
  ];
  if (doubts.length > 0) {
    const message = `${title(object)} may have replicas without a PodDisruptionBudget; it depends on what is not known yet:`;
    reporter.reportDoubt(object, message, doubts);
    return;
  }
  reporter.report(object, {
    message: `${title(object)} has ${count} replicas, and no PodDisruptionBudget of its namespace selects them.`,
    fix: "add one, with maxUnavailable: 1 for example",
  });
}

/** A requirement that a label not known yet may break. */
function asksForAbsence({ operator }: Selector["requirements"][number]): boolean {
  return operator === "NotIn" || operator === "DoesNotExist";
}

interface Budget {
  readonly title: string;
  readonly namespace: string | undefined;
  /** Undefined: it selects nothing. */
  readonly selector: Selector | undefined;
  /** It is known what it selects, and where. */
  readonly isCertain: boolean;
}

function readBudget(object: KubernetesObject): Budget {
  const { namespace, value, partial } = object;
  const selector = value.get("spec", "selector");
  const read = selector.isSet ? readSelector(selector) : undefined;
  const isCertain = !partial && namespace !== undefined && !selector.hidesSomething;
  return { title: title(object), namespace, selector: read, isCertain };
}
