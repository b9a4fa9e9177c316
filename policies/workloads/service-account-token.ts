import type { StackValidationPolicy } from "@pulumi/policy";
import type { SharedExemptions } from "../crossguard/exemptions.ts";
import type { Reporter } from "../crossguard/report.ts";
import { schemaOf } from "../crossguard/settings.ts";
import { stackPolicy } from "../crossguard/stack-policy.ts";
import { title, type KubernetesObject } from "../kubernetes/objects.ts";
import { createsPods } from "../kubernetes/pods.ts";
import type { Value } from "../kubernetes/value.ts";
import { visiblePod, type VisiblePod } from "./containers.ts";
import { ServiceAccounts } from "./service-accounts.ts";

/** Most pods never call the API server, and a token that is not there cannot be stolen. */
export function serviceAccountToken(shared: SharedExemptions): StackValidationPolicy {
  return stackPolicy(
    {
      name: "service-account-token",
      description: "Pods mount no token for the Kubernetes API.",
      severity: "medium",
      configSchema: schemaOf(),
      validate: (objects, reporter) => {
        const accounts = new ServiceAccounts(objects);
        for (const object of objects) {
          if (object.kind === "ServiceAccount") reporter.reportMalformed(object);
          const pod = createsPods(object.kind) ? visiblePod(object) : undefined;
          if (pod !== undefined) validate(object, pod, accounts, reporter);
        }
      },
    },
    shared,
  );
}

function validate(object: KubernetesObject, { spec }: VisiblePod, accounts: ServiceAccounts, reporter: Reporter): void {
  const field = spec.get("automountServiceAccountToken");
  if (field.isUnknown) {
    const message = `${title(object)} may mount a service account token. It depends on:`;
    reporter.reportUndetermined(object, message, [field.path]);
    return;
  }
  if (field.flag() === false || (object.partial && !field.isSet)) return;
  if (field.isSet) {
    report(object, `${field.path}: ${field.shown}`, reporter);
    return;
  }
  const account = accountOf(spec);
  const name = account.isUnknown ? undefined : account.text() || "default";
  const { mounts, accounts: deciding } = accounts.answer(object.namespace, name);
  if (mounts === "unknown") {
    const message = `${title(object)} may mount a service account token. It depends on:`;
    reporter.reportUndetermined(object, message, [...(account.isUnknown ? [account.path] : []), ...deciding]);
  } else if (mounts) {
    const because =
      deciding[0] === undefined ? `ServiceAccount ${name} is not in this stack` : `${deciding[0]} allows it`;
    report(object, `${field.path}: not set, and ${because}`, reporter);
  }
}

/** The field that names the account: the deprecated one if the other is omitted. */
function accountOf(spec: Value): Value {
  const account = spec.get("serviceAccountName");
  return account.isUnknown || account.text() ? account : spec.get("serviceAccount");
}

function report(object: KubernetesObject, reason: string, reporter: Reporter): void {
  reporter.report(object, {
    message: `${title(object)} mounts a service account token (${reason}).`,
    why: "An attacker in the pod can use the token to call the API server.",
    fix:
      "set automountServiceAccountToken: false in the pod's spec or in its ServiceAccount; " +
      "exempt pods that call the API server",
  });
}
