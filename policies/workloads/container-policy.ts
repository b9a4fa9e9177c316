import type { Policy, ResourceValidationPolicy } from "@pulumi/policy";
import type { SharedExemptions, Exemption } from "../crossguard/exemptions.ts";
import type { Finding } from "../crossguard/finding.ts";
import type { PolicyFacts, Reporter } from "../crossguard/report.ts";
import { resourcePolicy } from "../crossguard/resource-policy.ts";
import { schemaOf, type Settings } from "../crossguard/settings.ts";
import { title, type KubernetesObject } from "../kubernetes/objects.ts";
import { createsPods } from "../kubernetes/pods.ts";
import type { Value } from "../kubernetes/value.ts";
import { visiblePod, type ContainerOf, type VisiblePod } from "./containers.ts";

export interface ContainerPolicy<T extends Settings> extends Omit<Policy, "configSchema"> {
  readonly ownSettings?: PolicyFacts["configSchema"]["properties"];
  /** The kinds to check. @default all that create pods */
  readonly applies?: (kind: string) => boolean;
  readonly why: string;
  readonly fix: string | ((settings: T) => string);
  /** What is wrong with a container, to follow its name in the message. */
  readonly problem: (container: ContainerOf, settings: T, spec: Value) => string | undefined;
}

/** A policy about containers: one violation for each object, which lists all containers that violate it. */
export function containerPolicy<T extends Settings>(
  { ownSettings, applies = createsPods, why, fix, problem, ...policy }: ContainerPolicy<T>,
  shared: SharedExemptions,
): ResourceValidationPolicy {
  return resourcePolicy<T>(
    {
      ...policy,
      configSchema: schemaOf(ownSettings),
      applies,
      validate: (object, reporter) => {
        const pod = visiblePod(object);
        if (pod === undefined) return;
        const { settings } = reporter;
        reportContainers(object, pod, (container) => problem(container, settings, pod.spec), {
          why,
          fix: typeof fix === "string" ? fix : fix(settings),
          reporter,
        });
      },
    },
    shared,
  );
}

interface Problem {
  readonly container: ContainerOf;
  readonly text: string;
}

/** Reports the violating containers of an object, and their unknown values. */
export function reportContainers(
  object: KubernetesObject,
  pod: VisiblePod,
  problem: (container: ContainerOf) => string | undefined,
  { why, fix, reporter }: { readonly why: string; readonly fix: string; readonly reporter: Reporter },
): void {
  const problems = pod.containers.flatMap((container) => {
    const found = problem(container);
    return found === undefined ? [] : [{ container, text: `container "${container.name}" ${found}` }];
  });
  const finding = (of: readonly Problem[]): Finding => {
    return { message: `${title(object)}:`, details: of.map(({ text }) => text), why, fix };
  };
  const exempted = new Map<Exemption, Problem[]>();
  const left: Problem[] = [];
  for (const each of problems) {
    const exemption = reporter.exemption(object, undefined, each.container);
    if (exemption === undefined) left.push(each);
    else exempted.set(exemption, [...(exempted.get(exemption) ?? []), each]);
  }
  if (left.length > 0) reporter.report(object, finding(left));
  for (const [exemption, of] of exempted) reporter.reportExempted(object, finding(of), exemption);
  reporter.reportUnknown(object, pod.notes);
}
