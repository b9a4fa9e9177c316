import type { AppsV1Api, V1StatefulSet } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { kubeconfigFiles } from "./kubeconfig-files.ts";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 1000;
const TIMEOUT_MS = 20 * 60 * 1000;

/**
 * An update of a StatefulSet ends when its pods are rolled. Pulumi's provider does not look whether the controller has seen the change
 * yet (`status.observedGeneration`): a status from before it says that all is ready, and the update ends before the first pod is made anew.
 *
 * @param context context of the kubeconfig
 */
export function untilRolledOut(context: pulumi.Input<string>): pulumi.ResourceTransformation {
  const hook = new pulumi.ResourceHook("until-rolled-out", async ({ newOutputs }) => {
    const { metadata } = newOutputs as V1StatefulSet;
    await rolledOut(await clientOf(await valueOf(context)), {
      name: metadata?.name ?? "",
      namespace: metadata?.namespace ?? "",
    });
  });
  return ({ type, props, opts }) =>
    type === "kubernetes:apps/v1:StatefulSet"
      ? { props, opts: pulumi.mergeOptions(opts, { hooks: { afterUpdate: [hook] } }) }
      : undefined;
}

const valueOf = (input: pulumi.Input<string>): Promise<string> =>
  new Promise((resolve) => {
    pulumi.output(input).apply(resolve);
  });

/** The client is loaded by the first update: a preview has no use for it. */
async function clientOf(context: string): Promise<AppsV1Api> {
  const [{ AppsV1Api }, { mergedKubeconfig }] = await Promise.all([
    import("@kubernetes/client-node"),
    import("./cluster-access.ts"),
  ]);
  const config = mergedKubeconfig(kubeconfigFiles());
  config.setCurrentContext(context);
  return config.makeApiClient(AppsV1Api);
}

async function rolledOut(
  client: AppsV1Api,
  place: { readonly name: string; readonly namespace: string },
): Promise<void> {
  const end = Date.now() + TIMEOUT_MS;
  for (;;) {
    const missing = notRolled(await client.readNamespacedStatefulSet(place));
    if (missing === undefined) return;
    if (Date.now() > end) throw new Error(`StatefulSet ${place.namespace}/${place.name} did not roll out: ${missing}`);
    await sleep(POLL_MS);
  }
}

/** What is left to do until all pods are those that the spec describes, and ready; undefined when nothing is. */
export function notRolled({ metadata, spec, status }: V1StatefulSet): string | undefined {
  const wanted = spec?.replicas ?? 1;
  const { observedGeneration = 0, replicas, updatedReplicas = 0, readyReplicas = 0 } = status ?? { replicas: 0 };
  if (observedGeneration < (metadata?.generation ?? 0)) return "the controller has not seen the change";
  if (replicas !== wanted) return `it has ${String(replicas)} pods of ${String(wanted)}`;
  if (updatedReplicas < wanted) return `${String(updatedReplicas)} pods of ${String(wanted)} are updated`;
  if (readyReplicas < wanted) return `${String(readyReplicas)} pods of ${String(wanted)} are ready`;
  return undefined;
}
