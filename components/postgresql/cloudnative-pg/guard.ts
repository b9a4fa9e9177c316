import * as pulumi from "@pulumi/pulumi";
import { parseQuantity } from "../../../settings/quantity.ts";
import type { ClusterSpec } from "./api.ts";

interface Sized {
  readonly spec?: Partial<Pick<ClusterSpec, "storage">>;
}

/**
 * @param before inputs of the Cluster before the update
 * @param after inputs of the Cluster after the update
 * @throws Error if its volumes would have to shrink, which neither Kubernetes nor the operator can do
 */
export function refuseSmallerVolumes(name: string, before: Sized, after: Sized): void {
  const [now, wanted] = [before.spec?.storage?.size ?? "", after.spec?.storage?.size ?? ""];
  if ((parseQuantity(wanted) ?? 0) < (parseQuantity(now) ?? 0)) {
    throw new Error(
      `the volumes of ${name} have ${now} and cannot shrink to ${wanted}. Set it back with ` +
        `\`pulumi config set --path bana-data-layer:postgresql.storage ${now}\``,
    );
  }
}

/** Refuses updates of a Cluster that cannot be carried out. */
export const clusterGuard = (name: string): pulumi.ResourceHook =>
  new pulumi.ResourceHook(
    `${name}-refuse-smaller-volumes`,
    ({ oldInputs, newInputs }) => {
      refuseSmallerVolumes(name, oldInputs as Sized, newInputs as Sized);
    },
    { onDryRun: true },
  );
