import type { ResourceValidationPolicy } from "@pulumi/policy";
import type { CommonExemptions } from "../crossguard/exemptions.ts";
import { resourcePolicy } from "../crossguard/resource-policy.ts";
import { schemaOf } from "../crossguard/settings.ts";
import { title } from "../kubernetes/objects.ts";
import { makesPods } from "../kubernetes/pods.ts";
import { isWindows, lastingContainers, visibleSpec } from "./containers.ts";

/** An attacker who can write no file can bring no tool. Windows containers need a writable root. */
export function readOnlyRootFilesystem(common: CommonExemptions): ResourceValidationPolicy {
  return resourcePolicy(
    {
      name: "read-only-root-filesystem",
      description: "Containers cannot write to their image's file system.",
      severity: "medium",
      configSchema: schemaOf(),
      applies: makesPods,
      judge: (object, reporter) => {
        const spec = visibleSpec(object);
        if (spec === undefined || isWindows(spec)) return;
        for (const container of lastingContainers(spec)) {
          const field = container.value.get("securityContext", "readOnlyRootFilesystem");
          if (field.isUnknown || field.flag() === true) continue;
          reporter.report(object, {
            container,
            message:
              `${title(object)}: container "${container.name}" may write to its image (${field.path}: ${field.shown}).\n` +
              "  Mend: set readOnlyRootFilesystem: true, and mount an emptyDir where it must write.",
          });
        }
      },
    },
    common,
  );
}
