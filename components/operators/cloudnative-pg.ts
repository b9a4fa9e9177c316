import type { NodePool, OperatorsSettings } from "../../settings.ts";
import type { ManifestObject } from "./manifest.ts";
import { deployment, disruptionBudget, labeled } from "./transform.ts";

export interface CloudNativePgArgs {
  readonly manifest: readonly ManifestObject[];
  readonly settings: OperatorsSettings["cloudNativePg"];
  readonly image: string;
  readonly pool: NodePool;
}

/**
 * The objects of CloudNativePG's operator, without the manifest's Namespace: ours has restricted Pod Security and
 * denies all traffic.
 */
export function cloudNativePgObjects({
  manifest,
  settings,
  image,
  pool,
}: CloudNativePgArgs): readonly ManifestObject[] {
  const objects = manifest.filter(({ kind }) => kind !== "Namespace");
  const operator = objects.find(({ kind }) => kind === "Deployment");
  return [
    ...objects.map((object) =>
      object === operator
        ? deployment(object, {
            image,
            replicas: settings.replicas,
            resources: settings.resources,
            pool,
            // The instances get their instance manager from this image.
            env: { OPERATOR_IMAGE_NAME: image },
            scratch: "256Mi",
          })
        : object,
    ),
    ...(operator && settings.replicas > 1 ? [disruptionBudget(operator)] : []),
  ].map(labeled);
}
