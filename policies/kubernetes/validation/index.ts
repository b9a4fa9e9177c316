import type { KubernetesObject } from "../objects.ts";
import { Notes } from "../value.ts";
import { namespace } from "./namespace.ts";
import { networkPolicy } from "./network-policy.ts";
import { podDisruptionBudget } from "./pod-disruption-budget.ts";
import type { Rule } from "./schema.ts";
import { service } from "./service.ts";

/** The creation rules of Kubernetes v1.34 after defaulting: `pkg/apis/{core,networking,policy}/validation`. */
const rules: Readonly<Record<string, Rule>> = {
  Namespace: namespace,
  NetworkPolicy: networkPolicy,
  PodDisruptionBudget: podDisruptionBudget,
  Service: service,
};

/** Notes what the API server would reject in the object. Does not note unknown values. */
export function validate({ kind, value, notes }: KubernetesObject): void {
  const rule = Object.hasOwn(rules, kind) ? rules[kind] : undefined;
  const found = new Notes();
  rule?.(value.withNotes(found));
  for (const [path, problem] of found.malformed) notes.malformed.set(path, problem);
}
