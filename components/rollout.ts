import type { AppsV1Api, V1StatefulSet } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { clientOf } from "./cluster-client.ts";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 1000;
const TIMEOUT_MS = 20 * 60 * 1000;

/**
 * Makes every update of a StatefulSet wait for its rollout. Pulumi's provider ignores `status.observedGeneration`: it
 * may read a status from before the change, and end the update before the controller replaces the first pod.
 *
 * @param context context of the kubeconfig
 */
export function waitForRollouts(context: pulumi.Input<string>): pulumi.ResourceTransformation {
  const hook = new pulumi.ResourceHook("until-rolled-out", async ({ newOutputs }) => {
    const { metadata } = newOutputs as V1StatefulSet;
    await waitForRollout(await clientOf(context, ({ AppsV1Api }) => AppsV1Api), {
      name: metadata?.name ?? "",
      namespace: metadata?.namespace ?? "",
    });
  });
  return ({ type, props, opts }) =>
    type === "kubernetes:apps/v1:StatefulSet"
      ? { props, opts: pulumi.mergeOptions(opts, { hooks: { afterUpdate: [hook] } }) }
      : undefined;
}

async function waitForRollout(
  client: AppsV1Api,
  statefulSet: { readonly name: string; readonly namespace: string },
): Promise<void> {
  const end = Date.now() + TIMEOUT_MS;
  for (;;) {
    const pending = pendingRollout(await client.readNamespacedStatefulSet(statefulSet));
    if (pending === undefined) return;
    if (Date.now() > end) {
      throw new Error(`StatefulSet ${statefulSet.namespace}/${statefulSet.name} did not roll out: ${pending}`);
    }
    await sleep(POLL_MS);
  }
}

/** Why the rollout is not complete; undefined if all pods match the spec and are ready. */
export function pendingRollout({ metadata, spec, status }: V1StatefulSet): string | undefined {
  const wanted = spec?.replicas ?? 1;
  const { observedGeneration = 0, replicas, updatedReplicas = 0, readyReplicas = 0 } = status ?? { replicas: 0 };
  if (observedGeneration < (metadata?.generation ?? 0)) return "the controller has not observed the change";
  if (replicas !== wanted) return `${String(replicas)} of ${String(wanted)} pods exist`;
  if (updatedReplicas < wanted) return `${String(updatedReplicas)} of ${String(wanted)} pods are updated`;
  if (readyReplicas < wanted) return `${String(readyReplicas)} of ${String(wanted)} pods are ready`;
  return undefined;
}
