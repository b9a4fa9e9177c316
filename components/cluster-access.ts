/**
 * Checks that the stack's cluster is reachable. Without a kubeconfig or a reachable cluster, Pulumi's provider previews
 * every resource as new and the preview succeeds: CI would not notice a broken credential.
 */
import { KubeConfig } from "@kubernetes/client-node";
import { existsSync } from "node:fs";
import type https from "node:https";
import { httpGet } from "./http-get.ts";
import { kubeconfigFiles } from "./kubeconfig-files.ts";

/** The cluster is unreachable; the message gives the cause and the fix. */
export class ClusterAccessError extends Error {
  override readonly name = "ClusterAccessError";
}

const TIMEOUT_MS = 10_000;

/** Merges the files that exist into one kubeconfig. Of entries with the same name the first one wins, as in kubectl. */
export function mergedKubeconfig(files: readonly string[]): KubeConfig {
  const merged = new KubeConfig();
  merged.loadFromOptions({ contexts: [], clusters: [], users: [] });
  for (const file of files.filter((file) => existsSync(file))) {
    const each = new KubeConfig();
    each.loadFromFile(file);
    merged.contexts.push(...each.contexts.filter(({ name }) => merged.getContextObject(name) === null));
    merged.clusters.push(...each.clusters.filter(({ name }) => merged.getCluster(name) === null));
    merged.users.push(...each.users.filter(({ name }) => merged.getUser(name) === null));
  }
  return merged;
}

/**
 * Requests the API versions of the context's cluster with the kubeconfig's credentials.
 * @param timeoutMs time limit for the answer. @default ten seconds
 * @throws ClusterAccessError if the context does not exist, the cluster does not answer, or it refuses the credentials
 */
export async function checkClusterAccess(
  context: string,
  files: readonly string[] = kubeconfigFiles(),
  timeoutMs = TIMEOUT_MS,
): Promise<void> {
  const paths = files.join(" and ");
  let config: KubeConfig;
  try {
    config = mergedKubeconfig(files);
  } catch (error) {
    throw new ClusterAccessError(`The kubeconfig in ${paths} cannot be read: ${messageOf(error)}. Fix the file.`);
  }
  if (config.getContextObject(context) === null) throw new ClusterAccessError(unknownContext(context, config, paths));
  config.setCurrentContext(context);
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) {
    throw new ClusterAccessError(
      `Context "${context}" in ${paths} refers to an undefined cluster. Define it with \`kubectl config set-cluster\`.`,
    );
  }
  let status: number;
  try {
    status = await statusOf(config, `${server.replace(/\/+$/, "")}/api`, timeoutMs);
  } catch (error) {
    throw new ClusterAccessError(
      `The cluster of context "${context}", ${server}, does not answer: ${messageOf(error)}. ` +
        `Check the address in ${paths} and the network with \`kubectl --context ${context} cluster-info\`.`,
    );
  }
  if (status === 401 || status === 403) {
    throw new ClusterAccessError(
      `The cluster of context "${context}", ${server}, refuses the credentials (HTTP ${String(status)}). ` +
        `Renew them in ${paths}; check with \`kubectl --context ${context} auth whoami\`.`,
    );
  }
}

function unknownContext(context: string, config: KubeConfig, paths: string): string {
  const known = config.contexts.map(({ name }) => `"${name}"`).join(", ");
  return (
    `There is no context "${context}" in ${paths}: ${known === "" ? "it has none" : `it has ${known}`}. ` +
    "Add it to the kubeconfig, or choose another one with `pulumi config set --path bana-data-layer:cluster.context NAME`."
  );
}

/** HTTP status of a GET. Rejects on a timeout. */
async function statusOf(config: KubeConfig, url: string, timeoutMs: number): Promise<number> {
  const options: https.RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  return (await httpGet(url, options, timeoutMs)).status;
}

/** The message of an error. For a host with several addresses, Node throws an AggregateError with an empty message. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(", ");
  return error instanceof Error ? error.message : String(error);
}
