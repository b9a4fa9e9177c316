import type { NodePool, RedisSettings } from "../../settings.ts";
import type { Files } from "../config-files.ts";
import type { Connection } from "../contract/connection.ts";
import { serviceHost } from "../names.ts";
import { configFiles, inMemory, secretFiles } from "../pod.ts";
import type { JobPodArgs, PodArgs } from "../pod.ts";
import { podHosts } from "../stateful-set.ts";
import { redis, redisInit } from "./endpoint.ts";

export const name = "nx-redis";
export const headlessName = `${name}-headless`;
export const secretName = `${name}-secret`;
export const initName = redisInit.pods["app.kubernetes.io/name"];
export const host = serviceHost(name, redis.namespace);
export const port = redis.ports.redis;

/** UID and GID of all processes and volumes. */
export const uid = 999;
const scripts = "/scripts";
const data = "/data";
const run = "/run/redis";
const credentials = "/credentials";

/** Masters and replicas together: the cluster assigns the roles to pods, and a failover changes them. */
export const podCount = ({ masters, replicasPerMaster }: RedisSettings): number => masters * (1 + replicasPerMaster);

/** DNS names of all nodes, by ordinal. */
export const nodeHosts = (settings: RedisSettings): string[] =>
  podHosts(name, headlessName, redis.namespace, podCount(settings));

/** Seed addresses for clients. */
export const nodeAddresses = (settings: RedisSettings): string[] =>
  nodeHosts(settings).map((node) => `${node}:${String(port)}`);

/** The declared cluster in the files that cluster.sh reads. Running nodes reread them: an added node restarts no other. */
export const declaration = (settings: RedisSettings): Files => ({
  hosts: `${nodeHosts(settings).join(" ")}\n`,
  masters: `${String(settings.masters)}\n`,
  "replicas-per-master": `${String(settings.replicasPerMaster)}\n`,
});

const options = (parameters: Readonly<Record<string, string | number>>): string[] =>
  Object.entries(parameters).flatMap(([option, value]) => [`--${option}`, String(value)]);

const specified = ({ maxmemory }: RedisSettings) => ({
  "cluster-enabled": "yes",
  "cluster-config-file": `${data}/nodes.conf`,
  "cluster-node-timeout": 5000,
  appendonly: "yes",
  appendfsync: "everysec",
  maxmemory,
  "maxmemory-policy": "noeviction",
});

/** Departures from the specification; docs/departures.md gives the reasons. Kubernetes expands `$(NAME)`. */
const departures = {
  dir: data,
  port,
  save: "",
  "cluster-require-full-coverage": "no",
  "cluster-announce-ip": "$(POD_IP)",
  "cluster-announce-hostname": `$(POD_NAME).${serviceHost(headlessName, redis.namespace)}`,
  "cluster-preferred-endpoint-type": "hostname",
  // Tells the init Job which pods share a node or a zone: the only free-text setting that `CONFIG GET` returns. Syslog is
  // off. Kubernetes 1.35 and later give each pod its node's zone as a label.
  "syslog-ident": "$(ZONE)/$(NODE_NAME)",
};

/** The maximum lag is Redis's default, in seconds. */
const durability = ({ minReplicasToWrite }: RedisSettings): Record<string, number> =>
  minReplicasToWrite > 0 ? { "min-replicas-to-write": minReplicasToWrite, "min-replicas-max-lag": 10 } : {};

/** Arguments of redis-server, without the password. */
export const serverArguments = (settings: RedisSettings): string[] =>
  options({ ...specified(settings), ...departures, ...durability(settings) });

const shell = (script: string) => ["sh", `${scripts}/${script}`];

const probe = (script: string, periodSeconds: number, timeoutSeconds: number, failureThreshold: number) => ({
  exec: { command: shell(script) },
  periodSeconds,
  timeoutSeconds,
  failureThreshold,
});

/** Any node sees what is wrong with the cluster. */
export const check: Connection["check"] = {
  pod: `service/${name}`,
  container: "redis",
  command: shell("check.sh"),
};

const environment = { PORT: String(port), CREDENTIALS: credentials };
const volumes = {
  scripts: configFiles(name),
  credentials: secretFiles(secretName),
};

export interface NodePodArgs {
  readonly settings: RedisSettings;
  readonly image: string;
  readonly pool: NodePool;
  readonly checksums: PodArgs["checksums"];
}

/** The pod of one node. A new password does not restart it: ready.sh applies it to the running server. */
export function nodePod({ settings, image, pool, checksums }: NodePodArgs): PodArgs {
  return {
    labels: redis.pods,
    checksums,
    pool,
    spread: redis.pods,
    acrossZones: true,
    uid,
    gracePeriod: 120,
    // The server would be PID 1, and does not reap the processes that scripts leave behind: BusyBox's `timeout` leaves one.
    shareProcessNamespace: true,
    volumes: { ...volumes, run: inMemory("1Mi") },
    initContainers: [],
    container: {
      name: "redis",
      image,
      command: shell("start.sh"),
      args: serverArguments(settings),
      env: {
        ...environment,
        DATA: data,
        RUN: run,
        POD_NAME: { field: "metadata.name" },
        POD_IP: { field: "status.podIP" },
        NODE_NAME: { field: "spec.nodeName" },
        ZONE: { field: "metadata.labels['topology.kubernetes.io/zone']" },
      },
      mounts: { data, scripts, credentials, run },
      resources: settings.resources,
      ports: redis.ports,
      // One hour: loading a large append-only file takes long, and counts as alive.
      startupProbe: probe("alive.sh", 1, 5, 3600),
      readinessProbe: probe("ready.sh", 5, 15, 3),
      livenessProbe: probe("alive.sh", 10, 10, 6),
      preStop: shell("stop.sh"),
    },
  };
}

/** The pod of the Job that forms the cluster. */
export function initPod({ image, pool, checksums }: Omit<NodePodArgs, "settings">): JobPodArgs {
  return {
    labels: redisInit.pods,
    checksums,
    pool,
    uid,
    gracePeriod: 30,
    volumes,
    initContainers: [],
    container: {
      name: "cluster-init",
      image,
      command: shell("cluster-init.sh"),
      env: environment,
      mounts: { scripts, credentials },
      resources: { requests: { cpu: "50m", memory: "32Mi" }, limits: { cpu: "500m", memory: "128Mi" } },
    },
  };
}
