import type { StackValidationPolicy } from "@pulumi/policy";
import type { SharedExemptions } from "../crossguard/exemptions.ts";
import type { Reporter } from "../crossguard/report.ts";
import { schemaOf, type Settings } from "../crossguard/settings.ts";
import { stackPolicy } from "../crossguard/stack-policy.ts";
import { title, type KubernetesObject } from "../kubernetes/objects.ts";
import { createsPods } from "../kubernetes/pods.ts";
import type { Value } from "../kubernetes/value.ts";
import { reportContainers } from "./container-policy.ts";
import { visiblePod, type ContainerOf, type VisiblePod } from "./containers.ts";
import { LimitRanges } from "./limit-ranges.ts";
import { quantities, type Quantity } from "./quantities.ts";

export interface RequestsAndLimitsSettings extends Settings {
  /** @default all four */
  readonly required?: readonly Quantity[];
}

/** Without requests the scheduler overcommits nodes; without limits a container can starve its neighbours. */
export function requestsAndLimits(shared: SharedExemptions): StackValidationPolicy {
  return stackPolicy<RequestsAndLimitsSettings>(
    {
      name: "requests-and-limits",
      description: "Containers set CPU and memory requests and limits.",
      severity: "medium",
      configSchema: schemaOf({
        required: { type: "array", items: { type: "string", enum: [...quantities] }, description: "Default: all four" },
      }),
      validate: (objects, reporter) => {
        const ranges = new LimitRanges(objects);
        for (const object of objects) {
          if (object.kind === "LimitRange") reporter.reportMalformed(object);
          const pod = createsPods(object.kind) ? visiblePod(object) : undefined;
          if (pod !== undefined) validate(object, pod, ranges, reporter);
        }
      },
    },
    shared,
  );
}

function validate(
  object: KubernetesObject,
  pod: VisiblePod,
  ranges: LimitRanges,
  reporter: Reporter<RequestsAndLimitsSettings>,
): void {
  const { required = quantities } = reporter.settings;
  const { certain, uncertain } = ranges.defaultsIn(object.namespace);
  const problem = ({ value }: ContainerOf) => {
    const missing = required.filter((quantity) => {
      return !certain.has(quantity) && !isQuantitySet([value, pod.spec], quantity);
    });
    return missing.length === 0 ? undefined : `has no ${missing.join(", ")} (${value.path}.resources)`;
  };
  if (uncertain.length > 0 && pod.containers.some((container) => problem(container) !== undefined)) {
    const message =
      `${title(object)} may have containers without requests or limits. ` +
      "These LimitRanges may set them, but are not fully known:";
    reporter.reportUndetermined(object, message, [...uncertain, ...pod.notes.unknown]);
    return;
  }
  reportContainers(object, pod, problem, {
    why: "Without requests the scheduler overcommits nodes; without limits a container can starve its neighbours.",
    fix: "set them in resources of the container or pod, or as defaults in a LimitRange of the namespace",
    reporter,
  });
}

/**
 * Whether the container or its pod sets a quantity; a limit without a request is also the request. An unknown quantity
 * counts as set and is noted.
 */
function isQuantitySet(holders: readonly Value[], quantity: Quantity): boolean {
  const [kind = "", unit = ""] = quantity.split(".");
  const lists = kind === "requests" ? ["requests", "limits"] : ["limits"];
  const fields = holders.flatMap((holder) => lists.map((list) => holder.get("resources", list, unit)));
  return fields.some((field) => field.isSet && !field.isUnknown) || fields.some((field) => field.exists(true));
}
