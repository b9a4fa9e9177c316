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
