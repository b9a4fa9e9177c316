import type { CustomObjectsApi, V1CustomResourceDefinition } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { clientOf, statusOf } from "../cluster-client.ts";

/** API groups of the operators' objects. */
const groups = ["postgresql.cnpg.io", "barmancloud.cnpg.io", "kafka.strimzi.io"];

/**
 * Refuses to delete an operator or a CRD while objects of its kinds exist: without operator, nobody would fail over,
 * archive or finalize them; without CRD, they and their volumes would be deleted. It must be registered by every
 * program that can be the successor of one with operators: the engine runs it by its name when they are no longer part
 * of the program. It ignores objects that the same update deletes, because those depend on the operator.
 *
 * @param context context of the kubeconfig
 */
export const refuseRemoval = (context: pulumi.Input<string>): pulumi.ResourceHook =>
  new pulumi.ResourceHook("refuse-removal-of-operators", async ({ name }) => {
    const objects = await existingObjects(context);
    if (objects.length > 0) throw new Error(refusal(name, objects));
  });

/** The message of a refused deletion. */
export function refusal(name: string, objects: readonly string[]): string {
  const shown = [...objects.slice(0, 5), ...(objects.length > 5 ? [`${String(objects.length - 5)} more`] : [])];
  return (
    `${name} cannot be deleted while these objects exist: ${shown.join(", ")}. Move their data and delete them first ` +
    "(docs/operators.md); or restore the settings that keep the operator. If somebody else shall run the operator from " +
    "now on, docs/operators.md says how to hand it over."
  );
}

/** All objects of the operators' kinds, as `KIND NAMESPACE/NAME`. */
async function existingObjects(context: pulumi.Input<string>): Promise<readonly string[]> {
  const extensions = await clientOf(context, ({ ApiextensionsV1Api }) => ApiextensionsV1Api);
  const custom = await clientOf(context, (library) => library.CustomObjectsApi);
  const { items } = await extensions.listCustomResourceDefinition();
  const lists = await Promise.all(
    items.filter(({ spec }) => groups.includes(spec.group)).map((crd) => objectsOf(custom, crd)),
  );
  return lists.flat();
}

interface ObjectList {
  readonly items: readonly { readonly metadata: { readonly name: string; readonly namespace?: string } }[];
}

async function objectsOf(custom: CustomObjectsApi, { spec }: V1CustomResourceDefinition): Promise<readonly string[]> {
  const version = spec.versions.find(({ served }) => served)?.name ?? "";
  const { group, names } = spec;
  try {
    const { items } = (await custom.listClusterCustomObject({ group, version, plural: names.plural })) as ObjectList;
    return items.map(({ metadata: { namespace, name } }) =>
      [names.kind, [namespace, name].filter((part) => part !== undefined).join("/")].join(" "),
    );
  } catch (error) {
    // The CRD was deleted since it was listed.
    if (statusOf(error) === 404) return [];
    throw error;
  }
}
