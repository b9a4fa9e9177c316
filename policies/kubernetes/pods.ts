import type { KubernetesObject } from "./objects.ts";
import type { Value } from "./value.ts";

/** The pods that an object makes: its metadata and its spec, where they stand in the object. */
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

export function makesPods(kind: string): boolean {
  return Object.hasOwn(templatePaths, kind);
}

/** The pod template of an object. None when its kind has none, when a patch leaves it alone, or when it is optional. */
export function podTemplateOf(object: KubernetesObject): PodTemplate | undefined {
  if (!makesPods(object.kind)) return undefined;
  const template = object.value.get(...(templatePaths[object.kind] ?? []));
  const spec = template.get("spec");
  if (!spec.isSet && object.partial) return undefined;
  if (!template.isSet && templateIsOptional.has(object.kind)) return undefined;
  if (!spec.isSet) object.notes.malformed.set(spec.path, "missing: the API requires it");
  return { metadata: template.get("metadata"), spec };
}

const containerLists = ["initContainers", "containers", "ephemeralContainers"] as const;
export type ContainerList = (typeof containerLists)[number];

/** Every container of a pod in the order in which Kubernetes visits them. */
export function containersOf(spec: Value): readonly { readonly list: ContainerList; readonly value: Value }[] {
  return containerLists.flatMap((list) =>
    spec
      .get(list)
      .items()
      .map((value) => ({ list, value })),
  );
}

/** A container's name for messages and exemptions; its place while the name is not known. */
export function containerName(container: Value): string {
  const name = container.get("name");
  return name.isUnknown ? container.path.slice(container.path.lastIndexOf(".") + 1) : (name.text() ?? "");
}
