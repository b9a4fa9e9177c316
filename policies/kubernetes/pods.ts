import type { KubernetesObject } from "./objects.ts";
import type { Value } from "./value.ts";

/** The metadata and spec of the pods that an object creates. */
export interface PodTemplate {
  readonly metadata: Value;
  readonly spec: Value;
}

const templatePaths: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  PodTemplate: ["template"],
  ReplicationController: ["spec", "template"],
  Deployment: ["spec", "template"],
  StatefulSet: ["spec", "template"],
  DaemonSet: ["spec", "template"],
  ReplicaSet: ["spec", "template"],
  Job: ["spec", "template"],
  CronJob: ["spec", "jobTemplate", "spec", "template"],
};

/** Kinds whose pod template the API does not require. */
const templateIsOptional = new Set(["PodTemplate", "ReplicationController", "ReplicaSet"]);

/** Common paths of pod templates in custom resources. */
const customTemplatePaths: readonly (readonly string[])[] = [
  ["spec", "template"],
  ["spec", "podTemplate"],
  ["spec", "jobTemplate", "spec", "template"],
  ["spec", "jobTargetRef", "template"],
  ["spec", "deploymentTemplate", "spec", "template"],
  ["spec", "statefulSetTemplate", "spec", "template"],
  ["template"],
];

export function createsPods(kind: string): boolean {
  return Object.hasOwn(templatePaths, kind);
}

/** The pod template of an object. Undefined if its kind has none, a patch omits it, or it is optional and unset. */
export function podTemplateOf(object: KubernetesObject): PodTemplate | undefined {
  if (!createsPods(object.kind)) return undefined;
  const template = object.value.get(...(templatePaths[object.kind] ?? []));
  const spec = template.get("spec");
  if (!spec.isSet && object.partial) return undefined;
  if (!template.isSet && templateIsOptional.has(object.kind)) return undefined;
  if (!spec.isSet) spec.reject("missing, the API requires it");
  else if (spec.isObject()) requireContainers(spec);
  return { metadata: template.get("metadata"), spec };
}

function requireContainers(spec: Value): void {
  const containers = spec.get("containers");
  if (containers.isUnknownOrOmitted || containers.items().length > 0) return;
  if (!containers.isSet || containers.isList) containers.reject("missing, a pod needs at least one container");
}

/** The pod template of a custom resource at one of the common paths. Notes an unknown template. */
export function customPodTemplateOf({ value }: KubernetesObject): PodTemplate | undefined {
  const templates = customTemplatePaths.map((path) => value.get(...path));
  for (const template of templates) {
    const containers = template.get("spec", "containers");
    if (containers.isUnknown) containers.items();
    if (containers.isList) return { metadata: template.get("metadata"), spec: template.get("spec") };
  }
  return undefined;
}

const containerLists = ["initContainers", "containers", "ephemeralContainers"] as const;
export type ContainerList = (typeof containerLists)[number];

/** All containers of a pod in the order in which Kubernetes visits them. */
export function containersOf(spec: Value): readonly { readonly list: ContainerList; readonly value: Value }[] {
  return containerLists.flatMap((list) =>
    spec
      .get(list)
      .items()
      .map((value) => ({ list, value })),
  );
}

/** A container's name for messages and exemptions; its list position if the name is unknown. */
export function containerName(container: Value): string {
  const name = container.get("name");
  return name.isUnknown ? container.path.slice(container.path.lastIndexOf(".") + 1) : (name.text() ?? "");
}
