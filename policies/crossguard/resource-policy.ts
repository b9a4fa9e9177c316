import type { Policy, ResourceValidationPolicy } from "@pulumi/policy";
import { objectsOf, type KubernetesObject } from "../kubernetes/objects.ts";
import type { SharedExemptions } from "./exemptions.ts";
import { Reporter, type PolicyFacts } from "./report.ts";
import type { Settings } from "./settings.ts";

export interface ObjectPolicy<T extends Settings> extends PolicyFacts, Omit<Policy, keyof PolicyFacts> {
  /** Whether the policy checks a kind. */
  readonly applies: (kind: string) => boolean;
  readonly validate: (object: KubernetesObject, reporter: Reporter<T>) => void;
}

/** A CrossGuard policy that checks single Kubernetes objects, each before it is created or changed. */
export function resourcePolicy<T extends Settings>(
  { applies, validate, ...facts }: ObjectPolicy<T>,
  shared: SharedExemptions,
): ResourceValidationPolicy {
  return {
    ...facts,
    validateResource: (args, report) => {
      const objects = objectsOf(args).filter(({ kind }) => applies(kind));
      if (objects.length === 0) return;
      const reporter = new Reporter<T>(facts, args.getConfig<T>(), shared, report);
      for (const object of objects) validate(object, reporter);
    },
  };
}
