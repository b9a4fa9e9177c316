import type { CustomObjectsApi, V1CustomResourceDefinition } from "@kubernetes/client-node";
import type * as pulumi from "@pulumi/pulumi";
import { clientOf, statusOf } from "../cluster-client.ts";
import { isOfDataLayer } from "../names.ts";

/** API groups of the operators' objects. */
export type OperatorGroup = (typeof groups)[number];
const groups = ["postgresql.cnpg.io", "barmancloud.cnpg.io", "kafka.strimzi.io"] as const;

/** An object of an operator's kinds that is in the cluster. */
export interface ExistingObject {
  readonly group: OperatorGroup;
  /** `KIND NAMESPACE/NAME` */
  readonly title: string;
  /** Whether this program made it. */
  readonly ours: boolean;
}

/** All objects of the operators' kinds in the cluster of a context. */
export async function existingObjects(context: pulumi.Input<string>): Promise<readonly ExistingObject[]> {
  const extensions = await clientOf(context, ({ ApiextensionsV1Api }) => ApiextensionsV1Api);
  const custom = await clientOf(context, ({ CustomObjectsApi }) => CustomObjectsApi);
  const { items } = await extensions.listCustomResourceDefinition();
  const lists = items.map(async (crd) => {
    const group = groups.find((known) => known === crd.spec.group);
    return group === undefined ? [] : objectsOf(custom, group, crd);
  });
  return (await Promise.all(lists)).flat();
}

interface ObjectList {
  readonly items: readonly {
    readonly metadata: {
      readonly name: string;
      readonly namespace?: string;
      readonly labels?: Readonly<Record<string, string>>;
    };
  }[];
}

async function objectsOf(
  custom: CustomObjectsApi,
  group: OperatorGroup,
  { spec: { names, versions } }: V1CustomResourceDefinition,
): Promise<readonly ExistingObject[]> {
  const version = versions.find(({ served }) => served)?.name ?? "";
  try {
    const { items } = (await custom.listClusterCustomObject({ group, version, plural: names.plural })) as ObjectList;
    return items.map(({ metadata: { name, namespace, labels } }) => ({
      group,
      title: `${names.kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`,
      ours: isOfDataLayer(labels),
    }));
  } catch (error) {
    // The CRD was deleted since it was listed.
    if (statusOf(error) === 404) return [];
    throw error;
  }
}
