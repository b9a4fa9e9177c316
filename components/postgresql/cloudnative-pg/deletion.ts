import type { PostgresqlSettings } from "../../../settings.ts";
import { clientOf, statusOf } from "../../cluster-client.ts";
import { hibernation } from "./clusters.ts";
import { namespace } from "./names.ts";

/** An update would delete a PostgreSQL cluster that no update has stopped before. Nothing was changed. */
export class RefusedDeletion extends Error {
  override readonly name = "RefusedDeletion";
}

/** Annotations of a `Cluster` by name; undefined if there is none. */
export type LiveClusters = (name: string) => Promise<Readonly<Record<string, string>> | undefined>;

/** Reads from the cluster of a context. */
export async function liveClusters(context: string): Promise<LiveClusters> {
  const client = await clientOf(context, ({ CustomObjectsApi }) => CustomObjectsApi);
  return async (name) => {
    const place = { group: "postgresql.cnpg.io", version: "v1", plural: "clusters", namespace, name };
    try {
      const { metadata } = (await client.getNamespacedCustomObject(place)) as {
        metadata: { annotations?: Record<string, string> };
      };
      return metadata.annotations ?? {};
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  };
}

/**
 * A cluster takes its volumes with it, so that deleting it takes two updates.
 *
 * @throws RefusedDeletion if a cluster is to be deleted that runs
 */
export async function checkDeletions(
  { retired }: Pick<PostgresqlSettings, "retired">,
  open: () => Promise<LiveClusters>,
): Promise<void> {
  const names = Object.keys(retired).filter((name) => retired[name] === "deleted");
  if (names.length === 0) return;
  const annotationsOf = await open();
  for (const name of names) {
    const annotations = await annotationsOf(name);
    if (annotations === undefined || annotations[hibernation] === "on") continue;
    const setting = `bana-data-layer:postgresql.retired.${name}`;
    throw new RefusedDeletion(
      `PostgreSQL cluster ${name} runs and would be deleted with its volumes; nothing was changed. That takes two ` +
        `updates. First stop it: \`pulumi config set --path ${setting} stopped\`, then \`pulumi up\`. Second, when ` +
        `nobody misses it: \`pulumi config set --path ${setting} deleted\`, then \`pulumi up\``,
    );
  }
}
