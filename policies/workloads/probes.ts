import type { SharedExemptions } from "../crossguard/exemptions.ts";
import type { Settings } from "../crossguard/settings.ts";
import { createsPods } from "../kubernetes/pods.ts";
import { containerPolicy } from "./container-policy.ts";
import { isSidecar } from "./containers.ts";

const kinds = ["readinessProbe", "livenessProbe", "startupProbe"] as const;

export interface ProbesSettings extends Settings {
  /** @default readinessProbe and livenessProbe */
  readonly required?: readonly (typeof kinds)[number][];
}

/** Without probes a rollout replaces working pods with broken ones, and hung servers keep running. Jobs need none. */
export const probes = (shared: SharedExemptions) =>
  containerPolicy<ProbesSettings>(
    {
      name: "probes",
      description: "Long-running containers have probes.",
      severity: "low",
      ownSettings: {
        required: {
          type: "array",
          items: { type: "string", enum: [...kinds] },
          description: "Default: readinessProbe and livenessProbe",
        },
      },
      applies: (kind) => createsPods(kind) && kind !== "Job" && kind !== "CronJob",
      why: "Without probes a rollout replaces working pods with broken ones, and a hung server is not restarted.",
      fix: "add probes with a timeout that query the server itself",
      problem: (container, { required = ["readinessProbe", "livenessProbe"] }, spec) => {
        const missing = required.filter((probe) => !container.value.get(probe).exists(true));
        if (missing.length === 0 || (container.list === "initContainers" && !isSidecar(container))) return undefined;
        const restarts = spec.get("restartPolicy");
        const runsToCompletion = (restarts.text(restarts.isUnknown ? "Never" : undefined) ?? "Always") !== "Always";
        return runsToCompletion ? undefined : `has no ${missing.join(" and no ")} (${container.value.path})`;
      },
    },
    shared,
  );
