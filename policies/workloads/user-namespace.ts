import type { ResourceValidationPolicy } from "@pulumi/policy";
import type { SharedExemptions } from "../crossguard/exemptions.ts";
import { resourcePolicy } from "../crossguard/resource-policy.ts";
import { schemaOf, type Settings } from "../crossguard/settings.ts";
import { title } from "../kubernetes/objects.ts";
import { createsPods } from "../kubernetes/pods.ts";
import { visiblePod } from "./containers.ts";

export interface UserNamespaceSettings extends Settings {
  /** @default false: not every node's kernel and container runtime supports it. */
  readonly required?: boolean;
}

/** In its own user namespace, root in the container is an unprivileged user on the node. */
export function userNamespace(shared: SharedExemptions): ResourceValidationPolicy {
  return resourcePolicy<UserNamespaceSettings>(
    {
      name: "user-namespace",
      description: "Pods run in their own user namespace.",
      severity: "low",
      configSchema: schemaOf({ required: { type: "boolean", description: "Default: false" } }),
      applies: createsPods,
      validate: (object, reporter) => {
        const pod = reporter.settings.required ? visiblePod(object) : undefined;
        if (pod === undefined) return;
        const field = pod.spec.get("hostUsers");
        if (field.flag(false) !== false) {
          reporter.report(object, {
            message: `${title(object)} shares the node's user namespace (${field.path}: ${field.shown}).`,
            why: "Root in the container is root on the node if it escapes from the container.",
            fix: "set hostUsers: false",
          });
        }
        reporter.reportUnknown(object, pod.notes);
      },
    },
    shared,
  );
}
