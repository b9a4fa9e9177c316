import type { SharedExemptions } from "../crossguard/exemptions.ts";
import type { Settings } from "../crossguard/settings.ts";
import type { Value } from "../kubernetes/value.ts";
import { containerPolicy } from "./container-policy.ts";

const quantities = ["requests.cpu", "requests.memory", "limits.cpu", "limits.memory"] as const;
type Quantity = (typeof quantities)[number];

export interface RequestsAndLimitsSettings extends Settings {
  /** @default all four */
  readonly required?: readonly Quantity[];
}

/** Without requests the scheduler overbooks nodes; without limits one container starves or kills its neighbours. */
export const requestsAndLimits = (shared: SharedExemptions) =>
  containerPolicy<RequestsAndLimitsSettings>(
    {
      name: "requests-and-limits",
      description: "Containers say how much CPU and memory they need, and how much they may take.",
      severity: "medium",
      ownSettings: {
        required: { type: "array", items: { type: "string", enum: [...quantities] }, description: "Default: all four" },
      },
      mend: "set them under resources, of the container or of the pod",
      problem: ({ value }, { required = quantities }, spec) => {
        const missing = required.filter((quantity) => !isGiven(value, quantity) && !isGiven(spec, quantity));
        return missing.length === 0 ? undefined : `has no ${missing.join(", ")} (${value.path}.resources)`;
      },
    },
    shared,
  );

/** A limit without a request is also the request. */
function isGiven(holder: Value, quantity: Quantity): boolean {
  const [kind = "", unit = ""] = quantity.split(".");
  const resources = holder.get("resources");
  return resources.get(kind, unit).isSet || (kind === "requests" && resources.get("limits", unit).isSet);
}
