/** Clients of the cluster's API for hooks and checks. They load the client library only when they run. */
import type { KubeConfig } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";

type Api = Parameters<KubeConfig["makeApiClient"]>[0];

/**
 * A client of the context's cluster.
 * @param choose the client's class, such as `({ AppsV1Api }) => AppsV1Api`
 */
export async function clientOf<T extends Api>(
  context: pulumi.Input<string>,
  choose: (library: typeof import("@kubernetes/client-node")) => T,
): Promise<InstanceType<T>> {
  const [library, { mergedKubeconfig }, { kubeconfigFiles }, name] = await Promise.all([
    import("@kubernetes/client-node"),
    import("./cluster-access.ts"),
    import("./kubeconfig-files.ts"),
    valueOf(context),
  ]);
  const config = mergedKubeconfig(kubeconfigFiles());
  config.setCurrentContext(name);
  return config.makeApiClient(choose(library)) as InstanceType<T>;
}

/** The HTTP status of the API server's answer; undefined if the request failed otherwise. */
export const statusOf = (error: unknown): number | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "number" ? error.code : undefined;

/** The value of an input that is known, as in hooks. */
const valueOf = (input: pulumi.Input<string>): Promise<string> =>
  new Promise((resolve) => {
    pulumi.output(input).apply(resolve);
  });
