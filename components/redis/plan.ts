import type { NodePool, RedisSettings } from "../../settings.ts";
import { serviceHost } from "../names.ts";
import { configFiles, inMemory, secretFiles } from "../pod.ts";
import type { JobPodPlan, PodPlan } from "../pod.ts";
import { podHosts } from "../stateful-set.ts";
import { redis } from "./endpoint.ts";

export const name = "nx-redis";
export const headlessName = `${name}-headless`;
export const secretName = `${name}-secret`;
export const initName = `${name}-cluster-init`;
export const host = serviceHost(name, redis.namespace);
export const port = redis.ports["redis"] ?? 6379;

/** Number of the user and group of all processes and files. */
const user = 999;
const scripts = "/scripts";
const data = "/data";
const run = "/run/redis";
const credentials = "/credentials";

/** Masters and their replicas: which pod is what is for the cluster to say, and changes with every failover. */
export const podCount = ({ masters, replicasPerMaster }: RedisSettings): number => masters * (1 + replicasPerMaster);

/** The names of all nodes in DNS, in the order of their pods. */
export const nodeHosts = (settings: RedisSettings): string[] =>
  podHosts(name, headlessName, redis.namespace, podCount(settings));

/** What clients are given to find the cluster with. */
export const nodeAddresses = (settings: RedisSettings): string[] =>
  nodeHosts(settings).map((node) => `${node}:${String(port)}`);

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

/** Beyond the specification; the reasons are in docs/departures.md. `$(NAME)` are variables of the container. */
const mended = {
  dir: data,
  port,
  save: "",
  "cluster-require-full-coverage": "no",
  "cluster-announce-ip": "$(POD_IP)",
  "cluster-announce-hostname": `$(POD_NAME).${serviceHost(headlessName, redis.namespace)}`,
  "cluster-preferred-endpoint-type": "hostname",
  // Nothing is logged to syslog. It is the one setting that takes any text and can be asked for: where the init Job learns which nodes
  // share a machine.
  "syslog-ident": "$(NODE_NAME)",
};

/** Arguments of a node's server. The password is not among them. */
export const serverArguments = (settings: RedisSettings): string[] => options({ ...specified(settings), ...mended });

const shell = (script: string) => ["sh", `${scripts}/${script}`];

const probe = (script: string, periodSeconds: number, timeoutSeconds: number, failureThreshold: number) => ({
  exec: { command: shell(script) },
  periodSeconds,
  timeoutSeconds,
  failureThreshold,
});

const environment = { PORT: String(port), CREDENTIALS: credentials };
const volumes = {
  scripts: configFiles(name),
  credentials: secretFiles(secretName),
};

export interface NodePlan {
  readonly settings: RedisSettings;
  readonly image: string;
  readonly pool: NodePool;
  readonly checksums: PodPlan["checksums"];
}

/** A node of the cluster. A new password does not roll it: the node takes it up as it runs, see ready.sh. */
export function nodePod({ settings, image, pool, checksums }: NodePlan): PodPlan {
  return {
    labels: redis.pods,
    checksums,
    pool,
    spread: redis.pods,
    user,
    gracePeriod: 120,
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
      },
      mounts: { data, scripts, credentials, run },
      resources: settings.resources,
      ports: redis.ports,
      // An hour, for a large append-only file may have to be read first: that counts as alive.
      startupProbe: probe("alive.sh", 1, 5, 3600),
      readinessProbe: probe("ready.sh", 5, 15, 3),
      livenessProbe: probe("alive.sh", 10, 10, 6),
      preStop: shell("stop.sh"),
    },
  };
}

/** The Job that makes one cluster of the nodes. */
export function initPod({ settings, image, pool, checksums }: NodePlan): JobPodPlan {
  return {
    labels: { "app.kubernetes.io/name": initName },
    checksums,
    pool,
    user,
    gracePeriod: 30,
    volumes,
    initContainers: [],
    container: {
      name: "cluster-init",
      image,
      command: shell("cluster-init.sh"),
      env: {
        ...environment,
        HOSTS: nodeHosts(settings).join(" "),
        MASTERS: String(settings.masters),
        REPLICAS_PER_MASTER: String(settings.replicasPerMaster),
      },
      mounts: { scripts, credentials },
      resources: { requests: { cpu: "50m", memory: "32Mi" }, limits: { cpu: "500m", memory: "128Mi" } },
    },
  };
}
