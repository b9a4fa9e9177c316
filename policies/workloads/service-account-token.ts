import type { ResourceValidationPolicy } from "@pulumi/policy";
import type { SharedExemptions } from "../crossguard/exemptions.ts";
import { resourcePolicy } from "../crossguard/resource-policy.ts";
import { schemaOf } from "../crossguard/settings.ts";
import { title } from "../kubernetes/objects.ts";
import { makesPods } from "../kubernetes/pods.ts";
import { visibleSpec } from "./containers.ts";

/** Most pods never talk to the API server; a token that is not there cannot be stolen. */
export function serviceAccountToken(shared: SharedExemptions): ResourceValidationPolicy {
  return resourcePolicy(
    {
      name: "service-account-token",
      description: "Pods carry no token for the Kubernetes API.",
      severity: "medium",
      configSchema: schemaOf(),
      applies: makesPods,
      judge: (object, reporter) => {
        const field = visibleSpec(object)?.get("automountServiceAccountToken");
        if (field === undefined || field.isUnknown || field.flag() === false) return;
        reporter.report(object, {
          message:
            `${title(object)} mounts a service account token (${field.path}: ${field.shown}).\n` +
            "  Mend: set automountServiceAccountToken: false; exempt the pods that do call the API server.",
        });
      },
    },
    shared,
  );
}
