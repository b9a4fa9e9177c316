import { clientOf, statusOf } from "../cluster-client.ts";
import { isOfDataLayer } from "../names.ts";
import { existingObjects } from "./existing-objects.ts";
import type { InstalledOperators } from "./removal.ts";
import { MissingOperator } from "./requirements.ts";
import type { ClusterReader } from "./requirements.ts";

/** Reads the cluster of a context. */
export async function clusterReader(context: string): Promise<ClusterReader> {
  const [apps, extensions] = await Promise.all([
    clientOf(context, ({ AppsV1Api }) => AppsV1Api),
    clientOf(context, ({ ApiextensionsV1Api }) => ApiextensionsV1Api),
  ]);
  return {
    servedVersions: (name) =>
      found(`customresourcedefinition/${name}`, async () => {
        const { spec } = await extensions.readCustomResourceDefinition({ name });
        return spec.versions.filter(({ served }) => served).map((version) => version.name);
      }),
    imageOf: (namespace, name) =>
      found(`deployment/${name} --namespace ${namespace}`, async () => {
        const { spec } = await apps.readNamespacedDeployment({ name, namespace });
        return spec?.template.spec?.containers[0]?.image;
      }),
  };
}

/** What the request finds; undefined if the object does not exist. */
async function found<T>(object: string, request: () => Promise<T>): Promise<T | undefined> {
  try {
    return await request();
  } catch (error) {
    const status = statusOf(error);
    if (status === undefined) throw error;
    if (status === 404) return undefined;
    throw new MissingOperator([
      `${object} cannot be read (HTTP ${String(status)}), so that nobody knows whether the operators fit. Let the ` +
        `user of the kubeconfig read it; check with \`kubectl get ${object}\``,
    ]);
  }
}

/** Reads the operators in the cluster of a context. */
export async function installedOperators(context: string): Promise<InstalledOperators> {
  const apps = await clientOf(context, ({ AppsV1Api }) => AppsV1Api);
  return {
    isOurs: async (namespace, name) => {
      try {
        const { metadata } = await apps.readNamespacedDeployment({ namespace, name });
        return isOfDataLayer(metadata?.labels);
      } catch (error) {
        // A user who may not read it cannot have made it.
        if ([403, 404].includes(statusOf(error) ?? 0)) return false;
        throw error;
      }
    },
    objects: () => existingObjects(context),
  };
}
