import type { Policy, ResourceValidationPolicy } from "@pulumi/policy";
import type { SharedExemptions, Exemption } from "../crossguard/exemptions.ts";
import { listed, type PolicyFacts, type Reporter } from "../crossguard/report.ts";
import { resourcePolicy } from "../crossguard/resource-policy.ts";
import { schemaOf, type Settings } from "../crossguard/settings.ts";
import { title, type KubernetesObject } from "../kubernetes/objects.ts";
import { makesPods } from "../kubernetes/pods.ts";
import type { Value } from "../kubernetes/value.ts";
import { lastingContainers, visibleSpec, type ContainerOf } from "./containers.ts";

export interface ContainerPolicy<T extends Settings> extends Omit<Policy, "configSchema"> {
  readonly ownSettings?: PolicyFacts["configSchema"]["properties"];
  /** Which kinds it is about. @default all that make pods */
  readonly applies?: (kind: string) => boolean;
  readonly mend: string | ((settings: T) => string);
  /** What is wrong with a container, said after its name. */
  readonly problem: (container: ContainerOf, settings: T, spec: Value) => string | undefined;
}

/** A policy about containers: one violation for each object, naming all containers that are at fault. */
export function containerPolicy<T extends Settings>(
  { ownSettings, applies = makesPods, mend, problem, ...policy }: ContainerPolicy<T>,
  shared: SharedExemptions,
): ResourceValidationPolicy {
  return resourcePolicy<T>(
    {
      ...policy,
      configSchema: schemaOf(ownSettings),
      applies,
      judge: (object, reporter) => {
        const spec = visibleSpec(object);
        if (spec === undefined) return;
        const problems = lastingContainers(spec).flatMap((container) => {
          const found = problem(container, reporter.settings, spec);
          return found === undefined ? [] : [{ container, text: `container "${container.name}" ${found}` }];
        });
        const mended = typeof mend === "string" ? mend : mend(reporter.settings);
        if (problems.length > 0) reportTogether(object, problems, mended, reporter);
      },
    },
    shared,
  );
}

interface Problem {
  readonly container: ContainerOf;
  readonly text: string;
}

function reportTogether(
  object: KubernetesObject,
  problems: readonly Problem[],
  mend: string,
  reporter: Reporter,
): void {
  const message = (of: readonly Problem[]) =>
    `${title(object)}:${listed(of.map(({ text }) => text))}\n  Mend: ${mend}.`;
  const exempted = new Map<Exemption, Problem[]>();
  const left: Problem[] = [];
  for (const each of problems) {
    const exemption = reporter.exemption(object, undefined, each.container);
    if (exemption === undefined) left.push(each);
    else exempted.set(exemption, [...(exempted.get(exemption) ?? []), each]);
  }
  if (left.length > 0) reporter.report(object, { message: message(left) });
  for (const [exemption, of] of exempted) reporter.reportExempted(object, { message: message(of) }, exemption);
}
