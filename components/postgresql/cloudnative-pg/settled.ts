import * as pulumi from "@pulumi/pulumi";
import { setTimeout as sleep } from "node:timers/promises";
import { clientOf } from "../../cluster-client.ts";
import { hibernation } from "./clusters.ts";

const POLL_MS = 1000;
const TIMEOUT_MS = 30 * 60 * 1000;

/** Polls in a row that must find the cluster healthy: the operator takes a moment to notice a change of its spec. */
const CALM_POLLS = 8;

/** The part of a Cluster that tells whether the operator is done with it. */
export interface ClusterState {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: { readonly instances?: number };
  readonly status?: {
    readonly phase?: string;
    readonly phaseReason?: string;
    readonly readyInstances?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

/** What the operator is still doing; undefined if all servers run as declared. */
export function pendingWork({ metadata, spec, status }: ClusterState): string | undefined {
  if (metadata?.annotations?.[hibernation] === "on") {
    const stopped = status?.conditions?.find(({ type }) => type === hibernation);
    return stopped?.status === "True" ? undefined : (stopped?.message ?? "the operator has not begun to stop it");
  }
  const { phase = "unknown phase", phaseReason = "", readyInstances = 0 } = status ?? {};
  if (phase !== "Cluster in healthy state") return phaseReason === "" ? phase : `${phase} (${phaseReason})`;
  const wanted = spec?.instances ?? 1;
  return readyInstances < wanted ? `${String(readyInstances)} of ${String(wanted)} servers are ready` : undefined;
}

/**
 * Waits after every update of a Cluster until the operator has carried it out: a rolling update, new servers, larger
 * volumes. The condition `Ready`, which Pulumi's provider waits for, is still true from before the change.
 *
 * @param context context of the kubeconfig
 */
export const untilSettled = (name: string, context: pulumi.Input<string>): pulumi.ResourceHook =>
  new pulumi.ResourceHook(`${name}-until-settled`, async ({ newOutputs }) => {
    const { metadata } = newOutputs as { metadata?: { name?: string; namespace?: string } };
    const client = await clientOf(context, ({ CustomObjectsApi }) => CustomObjectsApi);
    const { namespace = "", name: object = "" } = metadata ?? {};
    const place = { group: "postgresql.cnpg.io", version: "v1", plural: "clusters", namespace, name: object };
    const end = Date.now() + TIMEOUT_MS;
    for (let calm = 0; calm < CALM_POLLS; await sleep(POLL_MS)) {
      const pending = pendingWork((await client.getNamespacedCustomObject(place)) as ClusterState);
      calm = pending === undefined ? calm + 1 : 0;
      if (pending !== undefined && Date.now() > end) throw new Error(`Cluster ${name} was not updated: ${pending}`);
    }
  });
