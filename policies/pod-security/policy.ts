import type { ResourceValidationPolicy } from "@pulumi/policy";
import type { SharedExemptions, Exemption } from "../crossguard/exemptions.ts";
import type { Finding } from "../crossguard/finding.ts";
import { Reporter, type PolicyFacts } from "../crossguard/report.ts";
import { resourcePolicy } from "../crossguard/resource-policy.ts";
import {
  schemaOf,
  settingFor,
  type NamespaceSettings,
  type Settings,
  type ViolationLevel,
} from "../crossguard/settings.ts";
import { title, type KubernetesObject } from "../kubernetes/objects.ts";
import { createsPods, podTemplateOf } from "../kubernetes/pods.ts";
import type { Check, Level, Violation } from "./check.ts";
import { checks } from "./checks/index.ts";
import { activeChecks, type ActiveCheck } from "./evaluate.ts";
import type { Container, Pod } from "./pod.ts";
import { readPod } from "./read-pod.ts";
import { remediation } from "./remediate.ts";
import { parseVersion, showVersion } from "./version.ts";

/** A level of the Pod Security Standards in one of their versions. */
export interface Standard {
  /** @default "restricted" */
  readonly level?: Level;
  /** `latest` or `v1.N`. @default "latest" */
  readonly version?: string;
}

export interface PodSecuritySettings extends Settings, Standard {
  readonly namespaces?: Readonly<Record<string, ViolationLevel | (NamespaceSettings & Standard)>>;
}

const standardSchema = {
  level: {
    type: "string" as const,
    enum: ["privileged", "baseline", "restricted"],
    description: "Default: restricted",
  },
  version: { type: "string" as const, pattern: "^(latest|v1\\.(0|[1-9][0-9]*))$", description: "Default: latest" },
};

const facts: PolicyFacts = {
  name: "pod-security",
  description: "Pods meet the Pod Security Standards as Kubernetes' own admission evaluates them.",
  configSchema: schemaOf(standardSchema, {
    controls: [...checks.map(({ id }) => id), "malformed", "unknown"],
    namespace: standardSchema,
  }),
};

/**
 * Pod Security for every object that creates pods. Admission enforces it on pods only: the API server accepts a
 * workload whose template violates it, and the workload then never gets a pod.
 */
export function podSecurity(shared: SharedExemptions): ResourceValidationPolicy {
  const policy = resourcePolicy<PodSecuritySettings>(
    {
      ...facts,
      severity: "high",
      framework: {
        name: "Pod Security Standards",
        version: showVersion(Infinity),
        reference: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
        specification: "baseline and restricted",
      },
      remediationSteps: "Each violation ends with its fix. The enforcement level remediate applies the safe fixes.",
      url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
      applies: createsPods,
      validate: (object, reporter) => validate(object, reporter),
    },
    shared,
  );
  return { ...policy, remediateResource: remediation(facts, shared, standardOf) };
}

/** The standard that applies to a namespace. */
export function standardOf(
  settings: PodSecuritySettings,
  namespace: string | undefined,
): { level: Level; minor: number } {
  const own = settingFor(settings.namespaces, namespace);
  const { level = settings.level, version = settings.version }: Standard = typeof own === "object" ? own : {};
  return { level: level ?? "restricted", minor: parseVersion(version ?? "latest") };
}

function validate(object: KubernetesObject, reporter: Reporter<PodSecuritySettings>): void {
  const { level, minor } = standardOf(reporter.settings, object.namespace);
  const active = activeChecks(level, minor);
  const template = active.length === 0 ? undefined : podTemplateOf(object);
  if (template !== undefined) {
    const pod = readPod(template);
    const standard = `${level}:${showVersion(minor)}`;
    for (const check of active) applyCheck(object, pod, check, standard, reporter);
    if (object.partial) checkOmissions(object, pod, active, standard, reporter);
  }
  reporter.reportNotes(object);
}

/** Applies one check without its exempted containers, and reports these as exempted. */
function applyCheck(
  object: KubernetesObject,
  pod: Pod,
  { check, rule }: ActiveCheck,
  standard: string,
  reporter: Reporter,
): void {
  const found = rule(pod);
  if (found === undefined) return;
  const finding = (violation: Violation) => describe(object, standard, violation, check);
  const exempted = exemptedContainers(object, found.containers, check.id, reporter);
  const left = exempted.size === 0 ? found : rule(without(pod, new Set(exempted.keys())));
  if (left !== undefined) reporter.report(object, finding(left));
  const [exemption] = exempted.values();
  if (exemption !== undefined) reporter.reportExempted(object, finding(found), exemption);
}

/** The containers exempted by container or image. The reporter handles exemptions of whole objects. */
function exemptedContainers(
  object: KubernetesObject,
  containers: readonly Container[],
  control: string,
  reporter: Reporter,
): ReadonlyMap<Container, Exemption> {
  if (reporter.exemption(object, control) !== undefined) return new Map();
  return new Map(
    containers.flatMap((container) => {
      const exemption = reporter.exemption(object, control, container);
      return exemption === undefined ? [] : [[container, exemption] as const];
    }),
  );
}

function without(pod: Pod, containers: ReadonlySet<Container>): Pod {
  return { ...pod, containers: pod.containers.filter((container) => !containers.has(container)) };
}

/** Reports what a patch omits at the level `unknown`, because the patched object may set it. */
function checkOmissions(
  object: KubernetesObject,
  patched: Pod,
  active: readonly ActiveCheck[],
  standard: string,
  reporter: Reporter,
): void {
  const whole = podTemplateOf({ ...object, value: object.value.asComplete() });
  if (whole === undefined) return;
  const pod = readPod(whole);
  for (const { check, rule } of active) {
    const violation = rule(patched) === undefined ? rule(pod) : undefined;
    if (violation === undefined) continue;
    const finding = describe(object, standard, violation, check);
    reporter.report(object, {
      ...finding,
      message: `Unless the patched object sets otherwise: ${finding.message}`,
      level: reporter.unknownLevel,
    });
  }
}

function describe(object: KubernetesObject, standard: string, violation: Violation, check: Check): Finding {
  const { reason, detail, fields } = violation;
  return {
    control: check.id,
    message: `${title(object)} would violate PodSecurity "${standard}": ${reason} (${detail})`,
    details: fields.map(({ path, value }) => `${path}: ${value}`),
    why: check.why,
    fix: check.fix,
  };
}
