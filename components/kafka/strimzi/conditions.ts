import type { CustomObjectsApi } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { clientOf } from "../../cluster-client.ts";

/** What the operator tells of an object. */
export interface Reconciled {
  readonly metadata?: { readonly generation?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
    }[];
  };
}

/** Why an object is not ready, in the words of its conditions. Warnings can stand before the others, and explain them. */
export function unreadiness({ metadata, status }: Reconciled): string {
  if (status === undefined) {
    return "the operator has not looked at it. See whether it runs, reaches the API server and watches nx-broker";
  }
  const conditions = (status.conditions ?? []).filter(({ type }) => type !== "Ready");
  const told = conditions.map(({ type, reason, message }) =>
    [type, reason, message].filter((part) => part !== undefined).join(": "),
  );
  const isBehind = (status.observedGeneration ?? 0) < (metadata?.generation ?? 0);
  return [...told, ...(isBehind ? ["the operator has not finished with its last change"] : [])].join("; ");
}

interface Inputs {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
}

/** Adds to a failed creation or update what the operator tells of the object: Pulumi's message says only that it waited. */
export const explainFailures = (context: pulumi.Input<string>): pulumi.ErrorHook =>
  new pulumi.ErrorHook("explain-strimzi-conditions", async ({ newInputs }) => {
    const { kind = "", metadata: { name = "", namespace = "" } = {} } = (newInputs ?? {}) as Inputs;
    try {
      const client = await clientOf(context, (library): typeof CustomObjectsApi => library.CustomObjectsApi);
      const plural = `${kind.toLowerCase()}s`;
      const place = { group: "kafka.strimzi.io", version: "v1", namespace, plural, name };
      const why = unreadiness((await client.getNamespacedCustomObject(place)) as Reconciled);
      if (why !== "") await pulumi.log.error(`${kind} ${namespace}/${name}: ${why}`);
    } catch {
      // The object does not exist, or the API server cannot be asked: Pulumi's own message says so.
    }
    return false;
  });
