import { amountOf } from "./amounts.ts";
import { podAmounts } from "./pod-amounts.ts";
import type { PodSpec } from "./pod-amounts.ts";
import { kindOf, metadataOf } from "./workload.ts";
import type { PlannedResource, Workload } from "./workload.ts";

interface Spec {
  readonly replicas?: number;
  readonly strategy?: { readonly type?: string; readonly rollingUpdate?: { readonly maxSurge?: number | string } };
  readonly template: Template;
}

interface Template {
  readonly spec: PodSpec;
}

/** The template of the pods of a CronJob's Jobs. */
const templateOfJobs = ({ inputs }: PlannedResource): Template =>
  (inputs["spec"] as { readonly jobTemplate: { readonly spec: { readonly template: Template } } }).jobTemplate.spec
    .template;

interface ClaimSpec {
  readonly resources: { readonly requests: { readonly storage: string } };
}

/** Bytes of the claims `data` of a StatefulSet's pods. They exist also while a pod does not. */
function storageOf(statefulSet: PlannedResource, resources: readonly PlannedResource[]): number {
  const { name, namespace } = metadataOf(statefulSet);
  const claims = resources.filter((resource) => {
    if (kindOf(resource) !== "PersistentVolumeClaim") return false;
    const claim = metadataOf(resource);
    return claim.namespace === namespace && /^data-(.+)-\d+$/.exec(claim.name)?.[1] === name;
  });
  return claims
    .map(({ inputs }) => amountOf((inputs["spec"] as ClaimSpec).resources.requests.storage))
    .reduce((sum, size) => sum + size, 0);
}

/** A Deployment, StatefulSet, Job or CronJob. */
export function kubernetesWorkload(resource: PlannedResource, resources: readonly PlannedResource[]): Workload {
  const { name, namespace } = metadataOf(resource);
  const kind = kindOf(resource);
  const { replicas = 1, strategy, ...spec } = resource.inputs["spec"] as Spec;
  const template = kind === "CronJob" ? templateOfJobs(resource) : spec.template;
  const rolls = kind === "Deployment" && strategy?.type !== "Recreate";
  const maxSurge = strategy?.rollingUpdate?.maxSurge;
  return {
    ...{ name, namespace },
    nodeSelector: template.spec.nodeSelector ?? {},
    pods: replicas,
    pod: podAmounts(template.spec),
    ends: kind === "Job" || kind === "CronJob",
    // A share of the pods, such as the default of a quarter, is rounded up: one, for as few pods as here.
    surge: rolls ? (typeof maxSurge === "number" ? maxSurge : 1) : 0,
    apart: false,
    storage: kind === "StatefulSet" ? storageOf(resource, resources) : 0,
  };
}
