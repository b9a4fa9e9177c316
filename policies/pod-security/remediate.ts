import type { ResourceRemediation } from "@pulumi/policy";
import type { SharedExemptions } from "../crossguard/exemptions.ts";
import { Reporter, type PolicyFacts } from "../crossguard/report.ts";
import { objectsOf, type KubernetesObject } from "../kubernetes/objects.ts";
import { containerName, containersOf, podTemplateOf } from "../kubernetes/pods.ts";
import type { Value } from "../kubernetes/value.ts";
import { activeChecks } from "./evaluate.ts";
import type { PodSecuritySettings, standardOf } from "./policy.ts";

/** Whether a control of the standard asks for something of this container, or of the pod. */
type Wanted = (control: string, container?: { readonly name: string; readonly image: string | undefined }) => boolean;

/**
 * Sets what can be set without asking: a seccomp profile, no privilege escalation, no capabilities, and runAsNonRoot
 * where a user other than root is given. Only what is left out is set; what somebody wrote is theirs to change, and is
 * reported. Run on its own result it changes nothing.
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
      const wanted: Wanted = (control, container) =>
        active.has(control) && reporter.exemption(object, control, container) === undefined;
      changed = fixObject(object, wanted) || changed;
    }
    return changed ? args.props : undefined;
  };
}

function fixObject(object: KubernetesObject, wanted: Wanted): boolean {
  const spec = podTemplateOf(object)?.spec;
  if (spec === undefined || spec.isUnknown || !spec.isObject()) return false;
  const os = spec.get("os", "name");
  if (os.isUnknown) return false;
  const linux = os.text() !== "windows";
  const containers = containersOf(spec).map(({ value }) => value);
  let changed = false;
  if (linux && wanted("seccompProfile_restricted")) changed = confine(spec, containers) || changed;
  const someoneIsRoot = containers.some((container) => container.get("securityContext", "runAsUser").integer(0) === 0);
  if (wanted("runAsNonRoot") && !someoneIsRoot) changed = refuseRoot(spec) || changed;
  for (const container of containers) {
    const about = { name: containerName(container), image: container.get("image").textIfKnown() };
    if (linux && wanted("allowPrivilegeEscalation", about)) changed = forbidEscalation(container) || changed;
    if (linux && wanted("capabilities_restricted", about)) changed = dropAll(container) || changed;
    if (wanted("runAsNonRoot", about)) changed = refuseRoot(container, spec) || changed;
  }
  return changed;
}

/** One profile on the pod serves all containers; none is set where every container has its own. */
function confine(spec: Value, containers: readonly Value[]): boolean {
  const profile = spec.get("securityContext", "seccompProfile");
  const lacking = containers.some((container) => !container.get("securityContext", "seccompProfile").isSet);
  return !profile.isSet && lacking && spec.get("securityContext").assign("seccompProfile", { type: "RuntimeDefault" });
}

/** The API server refuses `allowPrivilegeEscalation: false` beside what needs the escalation. */
function forbidEscalation(container: Value): boolean {
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

function dropAll(container: Value): boolean {
  const drop = container.get("securityContext", "capabilities", "drop");
  if (drop.isUnknown) return false;
  const items = drop.items();
  if (items.some((item) => item.isUnknown || item.text() === "ALL")) return false;
  const kept = items.flatMap((item) => item.text() ?? []);
  return container.get("securityContext", "capabilities").assign("drop", [...kept, "ALL"]);
}

/** For the pod, or for a container whose pod does not say so already. */
function refuseRoot(holder: Value, pod?: Value): boolean {
  const context = holder.get("securityContext");
  const user = context.get("runAsUser");
  const already = context.get("runAsNonRoot").isSet || pod?.get("securityContext", "runAsNonRoot").isSet === true;
  if (already || user.isUnknown) return false;
  const uid = user.integer() ?? 0;
  return uid > 0 && context.assign("runAsNonRoot", true);
}
