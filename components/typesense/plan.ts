import type { NodePool, TypesenseSettings } from "../../settings.ts";
import { serviceHost } from "../names.ts";
import { configFiles, scratch } from "../pod.ts";
import type { EnvironmentValue, PodPlan } from "../pod.ts";
import { peering, typesense } from "./endpoint.ts";

export const name = "nx-typesense";
export const headless = `${name}-headless`;
export const host = serviceHost(name, typesense.namespace);
export const port = typesense.ports["http"] ?? 8108;
export const protocol = "http";

/** Where the API key is kept. */
export const key = { secret: "nx-typesense-secret", key: "TYPESENSE_API_KEY" } as const;

/** Number of the unprivileged user; the image has no name for it. */
const user = 1000;
const data = "/data";
const nodes = { folder: "/etc/typesense", file: "nodes" } as const;
const peeringPort = peering.ports["peering"] ?? 8107;

/**
 * The nodes that replicate among themselves, as Typesense reads them again every ten seconds. Names are those that only the
 * namespace knows: it refuses any of more than 64 characters.
 */
export const nodesFile = (replicas: number): Readonly<Record<string, string>> => ({
  [nodes.file]: Array.from(
    { length: replicas },
    (_, ordinal) => `${name}-${String(ordinal)}.${headless}:${String(peeringPort)}:${String(port)}`,
  ).join(","),
});

/** What makes several nodes one. `TRUE` has to be in capitals. */
const clustered = {
  args: [`--nodes=${nodes.folder}/${nodes.file}`, `--peering-port=${String(peeringPort)}`],
  env: {
    TYPESENSE_PEERING_ADDRESS: { field: "status.podIP" },
    // Nodes know each other by address: after all pods came back with new ones, nobody else would let them elect a leader.
    TYPESENSE_RESET_PEERS_ON_ERROR: "TRUE",
  } satisfies Record<string, EnvironmentValue>,
  ports: peering.ports,
  volumes: { nodes: configFiles(name) },
  mounts: { nodes: nodes.folder },
} as const;

export interface NodePlan {
  readonly settings: TypesenseSettings;
  readonly image: string;
  readonly pool: NodePool;
  readonly checksums: PodPlan["checksums"];
}

/** The pod of one node. */
export function typesensePod({ settings, image, pool, checksums }: NodePlan): PodPlan {
  const peers = settings.replicas > 1 ? clustered : undefined;
  const listens = { tcpSocket: { port: "http" } };
  return {
    labels: typesense.pods,
    checksums,
    pool,
    spread: typesense.pods,
    user,
    gracePeriod: 60,
    volumes: { tmp: scratch("64Mi"), ...peers?.volumes },
    initContainers: [],
    container: {
      name: "typesense",
      image,
      args: [`--data-dir=${data}`, `--api-port=${String(port)}`, "--enable-cors", ...(peers?.args ?? [])],
      env: { TYPESENSE_API_KEY: key, ...peers?.env },
      ports: { ...typesense.ports, ...peers?.ports },
      mounts: { data, tmp: "/tmp", ...peers?.mounts },
      resources: settings.resources,
      startupProbe: { ...listens, periodSeconds: 2, timeoutSeconds: 3, failureThreshold: 300 },
      // Also tells of a node that still reads its data in, has no leader or lags behind. Restarting it would mend none of these.
      readinessProbe: {
        httpGet: { path: "/health", port: "http" },
        periodSeconds: 5,
        timeoutSeconds: 5,
        failureThreshold: 3,
      },
      livenessProbe: { ...listens, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
    },
  };
}
