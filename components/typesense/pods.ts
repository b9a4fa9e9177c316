import type { NodePool, TypesenseSettings } from "../../settings.ts";
import { readFiles } from "../config-files.ts";
import type { Files } from "../config-files.ts";
import type { Connection } from "../contract/connection.ts";
import { serviceHost } from "../names.ts";
import { portName } from "../network/endpoint.ts";
import { configFiles, scratch } from "../pod.ts";
import type { EnvironmentValue, PodArgs, SidecarArgs } from "../pod.ts";
import { podHosts } from "../stateful-set.ts";
import { peering, snapshots, typesense } from "./endpoint.ts";

export const name = "nx-typesense";
export const headless = `${name}-headless`;
export const host = serviceHost(name, typesense.namespace);
export const port = typesense.ports.http;
export const protocol = "http";

/** Secret and key of the API key. */
export const key = { secret: "nx-typesense-secret", key: "TYPESENSE_API_KEY" } as const;

/** UID and GID. The image defines no user with this number. */
export const uid = 1000;
export const data = "/data";

/** Folder of the snapshot that a backup fetches, on the volume. */
export const backupFolder = `${data}/backup`;

/** User of the server of snapshots. Its password is the API key. */
export const snapshotUser = "backup";
const scripts = "/scripts";
const peeringPort = peering.ports.peering;

/** File with all nodes' addresses. On the volume, because a starting node cannot resolve peers that are down. */
const nodes = `${data}/nodes`;

/** File whose existence lets Typesense start. Its modification time is that of the sidecar's last round. */
const started = "/tmp/started";

/** Scripts of the sidecar that maintains the cluster, see peers.sh. */
export const peerScripts = (): Files =>
  readFiles(import.meta.dirname, ["alive.sh", "elect.sh", "http.sh", "peers.sh", "raft.sh", "ready.sh"]);

/** Not part of {@link peerScripts}: a change does not restart the nodes. */
export const checkScript = (): Files => readFiles(import.meta.dirname, ["check.sh"]);

/** DNS names of all nodes. Running nodes reread the file: an added node does not restart them. */
export const peerNames = (replicas: number): Files => ({
  names: `${podHosts(name, headless, typesense.namespace, replicas).join(" ")}\n`,
});

const bash = (script: string) => ["bash", `${scripts}/${script}`];

/** Any of several nodes sees what is wrong with the others. A single node has only its probes. */
export const check: Connection["check"] = {
  pod: `service/${name}`,
  container: "peers",
  command: bash("check.sh"),
};

const podAddress: EnvironmentValue = { field: "status.podIP" };

/** Sidecar that maintains the address list and holds elections that Raft cannot. */
const peers = (image: string): SidecarArgs => ({
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
    // Seconds. Nodes with correct addresses elect a leader within about ten.
    LEADER_TIMEOUT: "20",
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

/**
 * Sidecar that serves the node's snapshot to the Job that backs up. A Job that mounted the volume would keep its claim from
 * being deleted as long as the Job is listed.
 */
const snapshotServer = (image: string): SidecarArgs => {
  const port = snapshots.ports.snapshots;
  const tcpCheck = { tcpSocket: { port } };
  return {
    name: "snapshots",
    image,
    // A snapshot is there as soon as Typesense has written it.
    args: ["serve", "webdav", backupFolder, `--addr=:${String(port)}`, "--dir-cache-time=0s"],
    env: { RCLONE_CONFIG: "", RCLONE_USER: snapshotUser, RCLONE_PASS: key },
    mounts: { data, tmp: "/tmp" },
    resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { cpu: "1", memory: "128Mi" } },
    startupProbe: { ...tcpCheck, periodSeconds: 1, timeoutSeconds: 3, failureThreshold: 120 },
    readinessProbe: { ...tcpCheck, periodSeconds: 10, timeoutSeconds: 3, failureThreshold: 3 },
    livenessProbe: { ...tcpCheck, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
  };
};

export interface NodePodArgs {
  readonly settings: TypesenseSettings;
  readonly image: string;
  readonly pool: NodePool;
  readonly checksums: PodArgs["checksums"];
  /** Image of the sidecar for backups. @default no backups */
  readonly rcloneImage?: string;
}

/** The pod of one node. */
export function typesensePod({ settings, image, pool, checksums, rcloneImage }: NodePodArgs): PodArgs {
  const hasPeers = settings.replicas > 1;
  const tcpCheck = { tcpSocket: { port: portName(typesense, "http") } };
  return {
    labels: typesense.pods,
    checksums,
    pool,
    spread: typesense.pods,
    acrossZones: hasPeers,
    uid,
    gracePeriod: 60,
    volumes: { tmp: scratch("64Mi"), ...(hasPeers && { scripts: configFiles(name) }) },
    initContainers: [],
    sidecars: [
      ...(hasPeers ? [peers(image)] : []),
      ...(rcloneImage === undefined ? [] : [snapshotServer(rcloneImage)]),
    ],
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
      startupProbe: { ...tcpCheck, periodSeconds: 2, timeoutSeconds: 3, failureThreshold: 300 },
      // Also fails while a node loads its data, has no leader or lags behind. A restart would fix none of these.
      readinessProbe: {
        httpGet: { path: "/health", port: portName(typesense, "http") },
        periodSeconds: 5,
        timeoutSeconds: 5,
        failureThreshold: 3,
      },
      livenessProbe: { ...tcpCheck, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
    },
  };
}
