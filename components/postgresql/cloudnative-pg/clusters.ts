import type { PostgresqlSettings } from "../../../settings.ts";
import { clusterName } from "./names.ts";

/** A `Cluster` that exists, as the settings declare it. */
export interface PlannedCluster {
  readonly name: string;
  /** The backups that its data comes from. Unset: it begins with a new database. */
  readonly recovery?: PostgresqlSettings["recovery"][string];
  /** Whether the Services and poolers of applications lead to it. */
  readonly isActive: boolean;
  /** Retired: its pods are stopped, its volumes are kept. */
  readonly isStopped: boolean;
}

/** The clusters that exist: the first one and those made from backups, without those that are deleted. */
export function plannedClusters({
  recovery,
  active,
  retired,
}: Pick<PostgresqlSettings, "recovery" | "active" | "retired">): readonly PlannedCluster[] {
  const made = Object.entries(recovery).map(([name, from]) => ({ name, recovery: from }));
  return [{ name: clusterName }, ...made]
    .filter(({ name }) => retired[name] !== "deleted")
    .map((cluster) => ({
      ...cluster,
      isActive: cluster.name === active,
      isStopped: retired[cluster.name] === "stopped",
    }));
}

/** The operator's annotation of a `Cluster` that is stopped: `on`. It is also the type of the condition that says so. */
export const hibernation = "cnpg.io/hibernation";

interface Annotated {
  readonly metadata?: { readonly name?: string; readonly annotations?: Readonly<Record<string, string>> };
}

/**
 * @param cluster the `Cluster` that an update would delete
 * @throws Error unless an earlier update has stopped it: its volumes are deleted with it
 */
export function refuseDeletion({ metadata = {} }: Annotated): void {
  if (metadata.annotations?.[hibernation] === "on") return;
  const name = metadata.name ?? clusterName;
  const setting = `bana-data-layer:postgresql.retired.${name}`;
  throw new Error(
    `PostgreSQL cluster ${name} would be deleted with its volumes. That takes two updates. First stop it: ` +
      `\`pulumi config set --path ${setting} stopped\`, then \`pulumi up\`. Second, when nobody misses it: ` +
      `\`pulumi config set --path ${setting} deleted\`, then \`pulumi up\``,
  );
}
