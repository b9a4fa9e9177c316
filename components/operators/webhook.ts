import type { CustomObjectsApi } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { setTimeout as sleep } from "node:timers/promises";
import { clientOf, statusOf } from "../cluster-client.ts";
import { operatorsNamespace } from "../names.ts";

const POLL_MS = 1000;
const TIMEOUT_MS = 2 * 60 * 1000;

/**
 * Makes the creation and update of the operator wait until the API server gets answers from its webhooks. Its pods are
 * Ready some moments before their Service leads to them, and a Cluster that is created in between is refused.
 *
 * @param context context of the kubeconfig
 */
export const untilWebhooksAnswer = (context: pulumi.Input<string>): pulumi.ResourceHook =>
  new pulumi.ResourceHook("until-operator-webhooks-answer", async () => {
    const client = await clientOf(context, (library) => library.CustomObjectsApi);
    const end = Date.now() + TIMEOUT_MS;
    for (;;) {
      const problem = await webhookProblem(client);
      if (problem === undefined) return;
      if (Date.now() > end) throw new Error(noAnswer(problem));
      await sleep(POLL_MS);
    }
  });

/** Why the webhooks do not answer; undefined if they do. Asks with a dry run, which creates nothing. */
async function webhookProblem(client: CustomObjectsApi): Promise<string | undefined> {
  try {
    await client.createNamespacedCustomObject({
      group: "postgresql.cnpg.io",
      version: "v1",
      namespace: operatorsNamespace,
      plural: "clusters",
      dryRun: "All",
      body: {
        apiVersion: "postgresql.cnpg.io/v1",
        kind: "Cluster",
        metadata: { name: "webhook-check" },
        spec: { instances: 1, storage: { size: "1Gi" } },
      },
    });
  } catch (error) {
    // Other refusals are answers.
    if ((statusOf(error) ?? 500) < 500) return undefined;
    return error instanceof Error ? error.message : String(error);
  }
  return undefined;
}

const noAnswer = (problem: string) =>
  `The API server gets no answer from the webhooks of CloudNativePG: ${problem}\n` +
  "If its pods are Ready, the network is in the way: the settings cluster.apiServer.cidrs must contain the addresses " +
  "from which the API server calls webhooks, and a firewall before the nodes must let port 9443 through.";
