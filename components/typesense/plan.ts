import type { NodePool, TypesenseSettings } from "../../settings.ts";
import { readFiles } from "../config-files.ts";
import type { Files } from "../config-files.ts";
import { serviceHost } from "../names.ts";
import { configFiles, scratch } from "../pod.ts";
import type { EnvironmentValue, PodPlan, SidecarPlan } from "../pod.ts";
import { podHosts } from "../stateful-set.ts";
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
const scripts = "/scripts";
const peeringPort = peering.ports["peering"] ?? 8107;

/** The file with all nodes' addresses: on the volume, since a node that starts may not find out those of peers that are away. */
const nodes = `${data}/nodes`;

/** The file that tells that Typesense may start, and is as old as the sidecar's last round. */
const started = "/tmp/started";

/** What keeps several nodes together, see peers.sh. */
export const peerScripts = (): Files =>
  readFiles(import.meta.dirname, ["alive.sh", "elect.sh", "http.sh", "peers.sh", "raft.sh", "ready.sh"]);

/** The names of all nodes. Those that run learn of new ones by it, and are not rolled. */
export const peerNames = (replicas: number): Files => ({
  names: `${podHosts(name, headless, typesense.namespace, replicas).join(" ")}\n`,
});

const bash = (script: string) => ["bash", `${scripts}/${script}`];

const podAddress: EnvironmentValue = { field: "status.podIP" };

/** Keeps the node together with its peers. */
const peers = (image: string): SidecarPlan => ({
  name: "peers",
  image,
  command: bash("peers.sh"),
  env: {
    POD_NAME: { field: "metadata.name" },
    POD_IP: podAddress,
    PEERING_PORT: String(peeringPort),
    API_PORT: String(port),
    DATA: data,
    NODES: nodes,
    STARTED: started,
    // Nodes that know each other elect a leader within some ten seconds.
    PATIENCE: "20",
  },
  mounts: { data, scripts, tmp: "/tmp" },
  resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { cpu: "200m", memory: "64Mi" } },
  startupProbe: {
    exec: { command: ["test", "-e", started] },
    periodSeconds: 1,
    timeoutSeconds: 5,
    failureThreshold: 600,
  },
  readinessProbe: { exec: { command: bash("ready.sh") }, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 },
  livenessProbe: { exec: { command: bash("alive.sh") }, periodSeconds: 30, timeoutSeconds: 5, failureThreshold: 3 },
});

export interface NodePlan {
  readonly settings: TypesenseSettings;
  readonly image: string;
  readonly pool: NodePool;
  readonly checksums: PodPlan["checksums"];
}

/** The pod of one node. */
export function typesensePod({ settings, image, pool, checksums }: NodePlan): PodPlan {
  const hasPeers = settings.replicas > 1;
  const listens = { tcpSocket: { port: "http" } };
  return {
    labels: typesense.pods,
    checksums,
    pool,
    spread: typesense.pods,
    user,
    gracePeriod: 60,
    volumes: { tmp: scratch("64Mi"), ...(hasPeers && { scripts: configFiles(name) }) },
    initContainers: [],
    ...(hasPeers && { sidecars: [peers(image)] }),
    container: {
      name: "typesense",
      image,
      args: [
        `--data-dir=${data}`,
        `--api-port=${String(port)}`,
        "--enable-cors",
        ...(hasPeers ? [`--nodes=${nodes}`, `--peering-port=${String(peeringPort)}`] : []),
      ],
      env: { TYPESENSE_API_KEY: key, ...(hasPeers && { TYPESENSE_PEERING_ADDRESS: podAddress }) },
      ports: { ...typesense.ports, ...(hasPeers && peering.ports) },
      mounts: { data, tmp: "/tmp" },
      resources: settings.resources,
      startupProbe: { ...listens, periodSeconds: 2, timeoutSeconds: 3, failureThreshold: 300 },
      // Also tells of a node that still reads its data in, has no leader or lags behind. Restarting it would fix none of these.
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
