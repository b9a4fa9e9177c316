import type { ResourceValidationPolicy } from "@pulumi/policy";
import type { CommonExemptions } from "../crossguard/exemptions.ts";
import { resourcePolicy } from "../crossguard/resource-policy.ts";
import { schemaOf, type Settings } from "../crossguard/settings.ts";
import { title } from "../kubernetes/objects.ts";
import { makesPods } from "../kubernetes/pods.ts";
import { isSidecar, lastingContainers, visibleSpec } from "./containers.ts";

const probeKinds = ["readinessProbe", "livenessProbe", "startupProbe"] as const;

export interface ProbesSettings extends Settings {
  /** @default readinessProbe and livenessProbe */
  readonly required?: readonly (typeof probeKinds)[number][];
}

/** Without probes a rollout replaces what works by what does not, and a hung server stays hung. Jobs need none. */
export function probes(common: CommonExemptions): ResourceValidationPolicy {
  return resourcePolicy<ProbesSettings>(
    {
      name: "probes",
      description: "Long-running containers can be asked whether they work.",
      severity: "low",
      configSchema: schemaOf({
        required: {
          type: "array",
          items: { type: "string", enum: [...probeKinds] },
          description: "Default: readinessProbe and livenessProbe",
        },
      }),
      applies: (kind) => makesPods(kind) && kind !== "Job" && kind !== "CronJob",
      judge: (object, reporter) => {
        const spec = visibleSpec(object);
        if (spec === undefined || (spec.get("restartPolicy").textIfKnown() ?? "Always") !== "Always") return;
        const required = reporter.settings.required ?? ["readinessProbe", "livenessProbe"];
        for (const container of lastingContainers(spec)) {
          if (container.list === "initContainers" && !isSidecar(container)) continue;
          const missing = required.filter((probe) => !container.value.get(probe).isSet);
          if (missing.length === 0) continue;
          reporter.report(object, {
            container,
            message:
              `${title(object)}: container "${container.name}" has no ${missing.join(" and no ")} ` +
              `(${container.value.path}).\n  Mend: add one that asks the server itself, with a timeout.`,
          });
        }
      },
    },
    common,
  );
}
