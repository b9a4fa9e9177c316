import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { commonLabels } from "./names.ts";
import type { Namespace } from "./names.ts";

export interface ImplementationMarkerArgs {
  /** Section of the settings, such as `postgresql`. */
  readonly section: string;
  readonly namespace: Namespace;
  readonly implementation: string;
}

interface Marked {
  readonly data?: { readonly implementation?: string };
}

/**
 * @param before inputs of the marker before the update
 * @param after inputs of the marker after the update
 * @throws Error if another implementation would replace the one that has the data
 */
export function refuseOtherImplementation(section: string, before: Marked, after: Marked): void {
  const [now, wanted] = [before.data?.implementation, after.data?.implementation];
  if (now === undefined || now === wanted) return;
  throw new Error(
    `${section} runs on ${now}, and its data stays there: ${String(wanted)} would start empty. ` +
      `Set it back with \`pulumi config set --path bana-data-layer:${section}.implementation ${now}\`. ` +
      `docs/operations.md, "Move to another implementation", has the way that keeps the data`,
  );
}

/** A ConfigMap that tells which implementation has a store's data. A change is refused, already in previews. */
export class ImplementationMarker extends pulumi.ComponentResource {
  constructor(name: string, args: ImplementationMarkerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:ImplementationMarker", name, {}, opts);
    const { section, namespace, implementation } = args;
    const guard = new pulumi.ResourceHook(
      `${name}-refuse-other`,
      ({ oldInputs, newInputs }) => {
        refuseOtherImplementation(section, oldInputs as Marked, newInputs as Marked);
      },
      { onDryRun: true },
    );
    new k8s.core.v1.ConfigMap(
      name,
      { metadata: { name, namespace, labels: commonLabels }, data: { implementation } },
      { parent: this, hooks: { beforeUpdate: [guard] } },
    );
    this.registerOutputs();
  }
}

/** Makes resources wait for the marker: nothing of another implementation is created before the change is refused. */
export const dependOnMarker =
  (marker: ImplementationMarker): pulumi.ResourceTransformation =>
  ({ props, opts }) => ({ props, opts: pulumi.mergeOptions(opts, { dependsOn: [marker] }) });
