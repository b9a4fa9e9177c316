import type { ResourceRemediation } from "@pulumi/policy";
import type { SharedExemptions } from "../crossguard/exemptions.ts";
import { Reporter, type PolicyFacts } from "../crossguard/report.ts";
import { objectsOf, type KubernetesObject } from "../kubernetes/objects.ts";
import { containerName, containersOf, podTemplateOf } from "../kubernetes/pods.ts";
import type { Value } from "../kubernetes/value.ts";
import { activeChecks } from "./evaluate.ts";
import type { PodSecuritySettings, standardOf } from "./policy.ts";

/** Whether a control of the standard applies to this container, or to the pod. */
type IsRequired = (
  control: string,
  container?: { readonly name: string; readonly image: string | undefined },
) => boolean;

/**
 * Sets missing fields that are safe to set: a seccomp profile, no privilege escalation, dropped capabilities, and
 * runAsNonRoot where a non-root user is set. Keeps existing values, whose violations are reported. Idempotent.
 */
export function remediation(
  facts: PolicyFacts,
  shared: SharedExemptions,
  standard: typeof standardOf,
): ResourceRemediation {
  return (args) => {
    const reporter = new Reporter<PodSecuritySettings>(facts, args.getConfig(), shared, () => undefined);
    let changed = false;
    for (const object of objectsOf(args)) {
      if (object.partial) continue;
      const { level, minor } = standard(reporter.settings, object.namespace);
      const active = new Set(activeChecks(level, minor).map(({ check }) => check.id));
      const isRequired: IsRequired = (control, container) =>
        active.has(control) && reporter.exemption(object, control, container) === undefined;
      changed = remediateObject(object, isRequired) || changed;
    }
    return changed ? args.props : undefined;
  };
}

function remediateObject(object: KubernetesObject, isRequired: IsRequired): boolean {
  const spec = podTemplateOf(object)?.spec;
  if (spec === undefined || spec.isUnknown || !spec.isObject()) return false;
  const os = spec.get("os", "name");
  if (os.isUnknown) return false;
  const isLinux = os.text() !== "windows";
  const containers = containersOf(spec).map(({ value }) => value);
  let changed = false;
  if (isLinux && isRequired("seccompProfile_restricted")) changed = setSeccompProfile(spec, containers) || changed;
  const users = containers.map((container) => container.get("securityContext", "runAsUser").integer(0));
  const hasRootContainer = users.includes(0);
  if (isRequired("runAsNonRoot") && !hasRootContainer) changed = setRunAsNonRoot(spec) || changed;
  for (const container of containers) {
    const subject = { name: containerName(container), image: container.get("image").textIfKnown() };
    if (isLinux && isRequired("allowPrivilegeEscalation", subject)) changed = denyEscalation(container) || changed;
    if (isLinux && isRequired("capabilities_restricted", subject)) changed = dropAllCapabilities(container) || changed;
    if (isRequired("runAsNonRoot", subject)) changed = setRunAsNonRoot(container, spec) || changed;
  }
  return changed;
}

/** Sets one profile on the pod for all containers, unless every container has its own. */
function setSeccompProfile(spec: Value, containers: readonly Value[]): boolean {
  const profile = spec.get("securityContext", "seccompProfile");
  const lacking = containers.some((container) => !container.get("securityContext", "seccompProfile").isSet);
  return !profile.isSet && lacking && spec.get("securityContext").assign("seccompProfile", { type: "RuntimeDefault" });
}

/** Skips privileged containers and CAP_SYS_ADMIN: the API server rejects `allowPrivilegeEscalation: false` there. */
function denyEscalation(container: Value): boolean {
  const context = container.get("securityContext");
  const capabilities = context.get("capabilities", "add");
  const needsIt =
    context.get("privileged").isUnknown ||
    context.get("privileged").flag() === true ||
    capabilities.isUnknown ||
    capabilities.items().some((added) => added.isUnknown || /^(CAP_)?SYS_ADMIN$/.test(added.text() ?? ""));
  return (
    !context.get("allowPrivilegeEscalation").isSet && !needsIt && context.assign("allowPrivilegeEscalation", false)
  );
}

function dropAllCapabilities(container: Value): boolean {
  const drop = container.get("securityContext", "capabilities", "drop");
  if (drop.isUnknown) return false;
  const items = drop.items();
  if (items.some((item) => item.isUnknown || item.text() === "ALL")) return false;
  const kept = items.flatMap((item) => item.text() ?? []);
  return container.get("securityContext", "capabilities").assign("drop", [...kept, "ALL"]);
}

/** For the pod, or for a container whose pod does not set it. */
function setRunAsNonRoot(holder: Value, pod?: Value): boolean {
  const context = holder.get("securityContext");
  const user = context.get("runAsUser");
  const isAlreadySet = context.get("runAsNonRoot").isSet || pod?.get("securityContext", "runAsNonRoot").isSet === true;
  if (isAlreadySet || user.isUnknown) return false;
  const uid = user.integer() ?? 0;
  return uid > 0 && context.assign("runAsNonRoot", true);
}
