/**
 * Whether the stack's cluster can be reached. Pulumi's provider plans every resource as new when it cannot load a kubeconfig or
 * reach its cluster, and the preview succeeds: in CI that would hide a broken credential.
 */
import { KubeConfig } from "@kubernetes/client-node";
import { existsSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { kubeconfigFiles } from "./kubeconfig-files.ts";

/** The cluster cannot be reached; the message says why, and how to fix it. */
export class ClusterAccessError extends Error {
  override readonly name = "ClusterAccessError";
}

const TIMEOUT_MS = 10_000;

/** All of these files that exist as one kubeconfig. Of entries with the same name the first counts, as for kubectl. */
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
 * Asks the cluster of this context for its API versions, with the credentials of the kubeconfig.
 * @param timeoutMs how long the cluster may take to answer. @default ten seconds
 * @throws ClusterAccessError if there is no such context, the cluster does not answer, or it refuses the credentials
 */
export async function checkClusterAccess(
  context: string,
  files: readonly string[] = kubeconfigFiles(),
  timeoutMs = TIMEOUT_MS,
): Promise<void> {
  const place = files.join(" and ");
  let config: KubeConfig;
  try {
    config = mergedKubeconfig(files);
  } catch (error) {
    throw new ClusterAccessError(`The kubeconfig in ${place} cannot be read: ${messageOf(error)}. Fix the file.`);
  }
  if (config.getContextObject(context) === null) throw new ClusterAccessError(noContext(context, config, place));
  config.setCurrentContext(context);
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) {
    throw new ClusterAccessError(
      `Context "${context}" in ${place} names a cluster that is not there. Fix it with \`kubectl config set-cluster\`.`,
    );
  }
  let status: number;
  try {
    status = await statusOf(config, `${server.replace(/\/+$/, "")}/api`, timeoutMs);
  } catch (error) {
    throw new ClusterAccessError(
      `The cluster of context "${context}", ${server}, does not answer: ${messageOf(error)}. ` +
        `Check the address in ${place} and the network to it with \`kubectl --context ${context} cluster-info\`.`,
    );
  }
  if (status === 401 || status === 403) {
    throw new ClusterAccessError(
      `The cluster of context "${context}", ${server}, refuses the credentials (HTTP ${String(status)}). ` +
        `Renew those in ${place}; \`kubectl --context ${context} auth whoami\` shows whether they work.`,
    );
  }
}

function noContext(context: string, config: KubeConfig, place: string): string {
  const known = config.contexts.map(({ name }) => `"${name}"`).join(", ");
  return (
    `There is no context "${context}" in ${place}: ${known === "" ? "it has none" : `it has ${known}`}. ` +
    "Add it to the kubeconfig, or choose another one with `pulumi config set --path bana-data-layer:cluster.context NAME`."
  );
}

/** HTTP status of a GET. Rejects when there is no answer in time. */
async function statusOf(config: KubeConfig, url: string, timeoutMs: number): Promise<number> {
  const options: https.RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const { request } = url.startsWith("https:") ? https : http;
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...options, signal: AbortSignal.timeout(timeoutMs) }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.once("error", (error) => {
      reject(
        error.name === "TimeoutError" || error.name === "AbortError"
          ? new Error(`no answer in ${String(timeoutMs / 1000)} s`)
          : error,
      );
    });
    sent.end();
  });
}

/** The message of an error. Node joins those of several addresses that were tried, and leaves the message empty. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(", ");
  return error instanceof Error ? error.message : String(error);
}
