import type { Policy, StackValidationPolicy } from "@pulumi/policy";
import { objectsOf, type KubernetesObject } from "../kubernetes/objects.ts";
import type { SharedExemptions } from "./exemptions.ts";
import { Reporter, type PolicyFacts } from "./report.ts";
import type { Settings } from "./settings.ts";

export interface ObjectsPolicy<T extends Settings> extends PolicyFacts, Omit<Policy, keyof PolicyFacts> {
  readonly validate: (objects: readonly KubernetesObject[], reporter: Reporter<T>) => void;
}

/** A CrossGuard policy about related objects. It runs once, when all resources of the stack are known. */
export function stackPolicy<T extends Settings>(
  { validate, ...facts }: ObjectsPolicy<T>,
  shared: SharedExemptions,
): StackValidationPolicy {
  return {
    ...facts,
    validateStack: (args, report) => {
      const reporter = new Reporter<T>(facts, args.getConfig<T>(), shared, report);
      validate(
        args.resources.flatMap((resource) => objectsOf(resource)),
        reporter,
      );
    },
  };
}
