import type { ResourceValidationPolicy } from "@pulumi/policy";
import type { CommonExemptions } from "../crossguard/exemptions.ts";
import { resourcePolicy } from "../crossguard/resource-policy.ts";
import { schemaOf, type Settings } from "../crossguard/settings.ts";
import { title } from "../kubernetes/objects.ts";
import { makesPods } from "../kubernetes/pods.ts";
import type { Value } from "../kubernetes/value.ts";
import { lastingContainers, visibleSpec } from "./containers.ts";

const quantities = ["requests.cpu", "requests.memory", "limits.cpu", "limits.memory"] as const;
type Quantity = (typeof quantities)[number];

export interface RequestsAndLimitsSettings extends Settings {
  /** @default all four */
  readonly required?: readonly Quantity[];
}

/** Without requests the scheduler overbooks nodes; without limits one container starves or kills its neighbours. */
export function requestsAndLimits(common: CommonExemptions): ResourceValidationPolicy {
  return resourcePolicy<RequestsAndLimitsSettings>(
    {
      name: "requests-and-limits",
      description: "Containers say how much CPU and memory they need, and how much they may take.",
      severity: "medium",
      configSchema: schemaOf({
        required: { type: "array", items: { type: "string", enum: [...quantities] }, description: "Default: all four" },
      }),
      applies: makesPods,
      judge: (object, reporter) => {
        const spec = visibleSpec(object);
        if (spec === undefined) return;
        const required = reporter.settings.required ?? quantities;
        for (const container of lastingContainers(spec)) {
          const missing = required.filter((quantity) => ![container.value, spec].some((at) => isGiven(at, quantity)));
          if (missing.length === 0) continue;
          reporter.report(object, {
            container,
            message:
              `${title(object)}: container "${container.name}" has no ${missing.join(", ")} ` +
              `(${container.value.path}.resources).\n  Mend: set them to what the container needs and may take.`,
          });
        }
      },
    },
    common,
  );
}

/** Set on the container or, for all of them, on the pod. A limit without a request is also the request. */
function isGiven(holder: Value, quantity: Quantity): boolean {
  const [kind = "", unit = ""] = quantity.split(".");
  const resources = holder.get("resources");
  return resources.get(kind, unit).isSet || (kind === "requests" && resources.get("limits", unit).isSet);
}
