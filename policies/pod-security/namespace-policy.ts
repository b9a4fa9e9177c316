import type { ResourceValidationPolicy } from "@pulumi/policy";
import type { SharedExemptions } from "../crossguard/exemptions.ts";
import type { Reporter } from "../crossguard/report.ts";
import { resourcePolicy } from "../crossguard/resource-policy.ts";
import { schemaOf, type Settings } from "../crossguard/settings.ts";
import { title, type KubernetesObject } from "../kubernetes/objects.ts";
import type { Level } from "./check.ts";
import { parseVersion } from "./version.ts";

const modes = ["enforce", "audit", "warn"] as const;
type Mode = (typeof modes)[number];

const strictness: readonly Level[] = ["privileged", "baseline", "restricted"];

export interface PodSecurityNamespaceSettings extends Settings {
  /** The minimum level. @default "restricted" */
  readonly level?: Level;
  /** The oldest accepted policy version, `v1.N`. @default any */
  readonly minimumVersion?: string;
  /** Whether the version must be pinned, so that a cluster upgrade does not change the rules. @default true */
  readonly pinned?: boolean;
  /** The modes that must have labels. @default enforce only */
  readonly modes?: readonly Mode[];
}

/** In a namespace without labels, admission is off: the API server admits any pod, from any stack. */
export function podSecurityNamespace(shared: SharedExemptions): ResourceValidationPolicy {
  return resourcePolicy<PodSecurityNamespaceSettings>(
    {
      name: "pod-security-namespace",
      description: "Namespaces enforce Pod Security by their labels, at a pinned version.",
      severity: "high",
      configSchema: schemaOf(
        {
          level: { type: "string", enum: [...strictness], description: "Default: restricted" },
          minimumVersion: { type: "string", pattern: "^v1\\.(0|[1-9][0-9]*)$", description: "Default: any" },
          pinned: { type: "boolean", description: "Default: true" },
          modes: { type: "array", items: { type: "string", enum: [...modes] }, description: "Default: enforce" },
        },
        { controls: ["malformed", "unknown"] },
      ),
      url: "https://kubernetes.io/docs/tasks/configure-pod-container/enforce-standards-namespace-labels/",
      applies: (kind) => kind === "Namespace",
      validate: (object, reporter) => {
        for (const mode of reporter.settings.modes ?? ["enforce"]) judgeMode(object, mode, reporter);
        reporter.reportNotes(object);
      },
    },
    shared,
  );
}

function judgeMode(object: KubernetesObject, mode: Mode, reporter: Reporter<PodSecurityNamespaceSettings>): void {
  const { level: least = "restricted", minimumVersion, pinned = true } = reporter.settings;
  const labels = object.value.get("metadata", "labels");
  const name = `pod-security.kubernetes.io/${mode}`;
  const [level, version] = [labels.get(name), labels.get(`${name}-version`)];
  // Reading an unknown value notes it.
  const [levelText, versionText] = [level.text(), version.text()];

  const problems: { readonly is: string; readonly fix: string }[] = [];
  const levelIs = level.isUnknownOrOmitted ? undefined : levelProblem(levelText, least, name);
  if (levelIs !== undefined) problems.push({ is: levelIs, fix: `${name}: ${least}` });
  const versionIs =
    version.isUnknownOrOmitted || least === "privileged"
      ? undefined
      : versionProblem(versionText, minimumVersion, pinned, `${name}-version`);
  const required = minimumVersion ?? "v1.N, the version of the cluster";
  if (versionIs !== undefined) problems.push({ is: versionIs, fix: `${name}-version: ${required}` });
  if (problems.length === 0) return;
  reporter.report(object, {
    message: `${title(object)}: ${problems.map(({ is }) => is).join(", and ")}.`,
    why: "These labels turn on Pod Security admission, with rules that a cluster upgrade does not change.",
    fix: `set the ${problems.length === 1 ? "label" : "labels"} ${problems.map(({ fix }) => fix).join(" and ")}`,
  });
}

function levelProblem(level: string | undefined, least: Level, label: string): string | undefined {
  if (level === undefined) return least === "privileged" ? undefined : `the label ${label} is missing`;
  const strict = strictness.findIndex((known) => known === level);
  if (strict < 0) return `the label ${label} is ${JSON.stringify(level)}, which the API server rejects`;
  return strict < strictness.indexOf(least) ? `the label ${label} is ${level}, less strict than ${least}` : undefined;
}

function versionProblem(
  version: string | undefined,
  minimum: string | undefined,
  pinned: boolean,
  label: string,
): string | undefined {
  if (version === undefined)
    return pinned ? `the label ${label} is missing: a cluster upgrade changes the rules` : undefined;
  if (!/^(latest|v1\.(0|[1-9]\d*))$/.test(version)) {
    return `the label ${label} is ${JSON.stringify(version)}, which the API server rejects`;
  }
  if (version === "latest")
    return pinned ? `the label ${label} is latest: a cluster upgrade changes the rules` : undefined;
  if (minimum !== undefined && parseVersion(version) < parseVersion(minimum)) {
    return `the label ${label} is ${version}, older than ${minimum}`;
  }
  return undefined;
}
