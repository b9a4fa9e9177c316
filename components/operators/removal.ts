import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../settings.ts";
import { operatorsNamespace, strimziNamespace } from "../names.ts";
import { existingObjects } from "./existing-objects.ts";
import type { ExistingObject, OperatorGroup } from "./existing-objects.ts";
import { installsOperators, installsStrimzi, usesBarmanCloud, usesCloudNativePg, usesStrimzi } from "./installed.ts";

/** An update would remove an operator that objects need. Nothing was changed. */
export class RefusedRemoval extends Error {
  override readonly name = "RefusedRemoval";
}

/** What this program installs of an operator. */
interface Operator {
  readonly group: OperatorGroup;
  readonly namespace: string;
  /** The Deployment's name in the manifest. */
  readonly deployment: string;
  readonly isUsed: (settings: Settings) => boolean;
  readonly isInstalled: (settings: Settings) => boolean;
}

const operators: readonly Operator[] = [
  {
    group: "postgresql.cnpg.io",
    namespace: operatorsNamespace,
    deployment: "cnpg-controller-manager",
    isUsed: usesCloudNativePg,
    isInstalled: installsOperators,
  },
  {
    group: "barmancloud.cnpg.io",
    namespace: operatorsNamespace,
    deployment: "barman-cloud",
    isUsed: usesBarmanCloud,
    isInstalled: (settings) => installsOperators(settings) && usesBarmanCloud(settings),
  },
  {
    group: "kafka.strimzi.io",
    namespace: strimziNamespace,
    deployment: "strimzi-cluster-operator",
    isUsed: usesStrimzi,
    isInstalled: installsStrimzi,
  },
];

/** What {@link checkRemovals} reads of a cluster. */
export interface InstalledOperators {
  /** Whether this program made the Deployment. */
  isOurs(namespace: string, deployment: string): Promise<boolean>;
  objects(): Promise<readonly ExistingObject[]>;
}

/**
 * Checks settings that no longer install an operator. The update would delete its roles, policies and Deployment, in
 * an order of the engine's own: so it is refused before it starts.
 *
 * @throws RefusedRemoval if objects of the operator's kinds would be left
 */
export async function checkRemovals(cluster: InstalledOperators, settings: Settings): Promise<void> {
  const candidates = operators.filter(({ isInstalled }) => !isInstalled(settings));
  const removed = await Promise.all(
    candidates.map(async (operator) =>
      (await cluster.isOurs(operator.namespace, operator.deployment)) ? [operator] : [],
    ),
  );
  if (removed.flat().length === 0) return;
  const objects = await cluster.objects();
  for (const { group, deployment, isUsed } of removed.flat()) {
    // The update deletes its own objects itself, if no setting uses them any more.
    const left = objects.filter((object) => object.group === group && (isUsed(settings) || !object.ours));
    if (left.length > 0) throw new RefusedRemoval(`${refusal(deployment, left)} Nothing was changed.`);
  }
}

/**
 * Refuses to delete an operator or a CRD while objects of its kinds exist, as `pulumi destroy` would: without operator,
 * nobody would fail over, archive or finalize them; without CRD, they and their volumes would be deleted. It ignores
 * objects that the same update deletes, because those depend on the operator.
 *
 * @param context context of the kubeconfig
 */
export const refuseRemoval = (context: pulumi.Input<string>): pulumi.ResourceHook =>
  new pulumi.ResourceHook("refuse-removal-of-operators", async ({ name }) => {
    const objects = await existingObjects(context);
    if (objects.length > 0) throw new Error(refusal(name, objects));
  });

/** The message of a refused deletion. */
export function refusal(name: string, objects: readonly Pick<ExistingObject, "title">[]): string {
  const titles = objects.map(({ title }) => title);
  const shown = [...titles.slice(0, 5), ...(titles.length > 5 ? [`${String(titles.length - 5)} more`] : [])];
  return (
    `${name} cannot be deleted while these objects exist: ${shown.join(", ")}. Move their data and delete them first; ` +
    "or restore the settings that keep the operator. If somebody else shall run the operator from now on, " +
    '"Remove" in docs/operators.md says how to hand it over.'
  );
}
