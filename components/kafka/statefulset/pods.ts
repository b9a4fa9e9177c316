import { parseQuantity } from "../../../settings/quantity.ts";
import type { KafkaSettings, NodePool, ResourceSettings } from "../../../settings.ts";
import { fill } from "../../config-files.ts";
import type { Files } from "../../config-files.ts";
import type { Connection } from "../../contract/connection.ts";
import { portName } from "../../network/endpoint.ts";
import { brokerNumbers, minInSyncReplicas } from "../broker-numbers.ts";
import { configFiles, inMemory, scratch, secretFiles } from "../../pod.ts";
import type { EnvironmentValue, JobPodArgs, PodArgs } from "../../pod.ts";
import { podHosts } from "../../stateful-set.ts";
import { kafka, kafkaInit } from "./endpoint.ts";

export const name = "nx-kafka";
export const headless = `${name}-headless`;
export const jaas = { secret: `${name}-jaas`, file: "kafka_server_jaas.conf" } as const;
export const usersJob = `${name}-scram-init`;
export const topicsJob = `${name}-topics`;

/** The first brokers are also controllers. Their number is fixed: the static quorum of voters cannot change. */
const controllers = 3;

/** UID and GID of `appuser` in the image. */
const uid = 1000;
const kafkaHome = "/opt/kafka";
const scripts = "/scripts";
const data = "/var/lib/kafka/data";
const properties = "/config/server.properties";
const credentials = "/credentials";
const declaredTopics = "/topics";
const privateFolder = "/private";

/** DNS suffix of Services. */
const serviceSuffix = "svc.cluster.local";

/** Any broker sees what is wrong with the cluster. */
export const check: Connection["check"] = {
  pod: `service/${name}`,
  container: "kafka",
  command: ["bash", `${scripts}/check.sh`],
};

type Listener = keyof typeof kafka.ports;

const port = (listener: Listener): string => String(kafka.ports[listener]);
const hosts = (count: number, listener: Listener): string[] =>
  podHosts(name, headless, kafka.namespace, count).map((host) => `${host}:${port(listener)}`);

/** `bootstrap.servers` for clients: the SASL listener of every broker. */
export const bootstrapServers = ({ brokers }: KafkaSettings): string => hosts(brokers, "client").join(",");

/** Renders the part of server.properties that all brokers share. */
export const commonProperties = (template: string, settings: KafkaSettings): string =>
  fill(template, {
    voters: hosts(controllers, "controller")
      .map((host, node) => `${String(node)}@${host}`)
      .join(","),
    data,
    ...brokerNumbers(settings),
  });

/** The declared topics in the files that topics.sh reads. */
export function topicFiles(topics: KafkaSettings["topics"]): Files {
  const entries = Object.entries(topics).sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = (texts: readonly string[]) => texts.map((text) => `${text}\n`).join("");
  return {
    topics: lines(
      entries.map(
        ([topic, { partitions, replicationFactor }]) => `${topic} ${String(partitions)} ${String(replicationFactor)}`,
      ),
    ),
    ...Object.fromEntries(
      entries.map(([topic, { config }]) => [
        `${topic}.properties`,
        lines(
          Object.entries(config)
            .map(([key, value]) => `${key}=${value}`)
            .sort(),
        ),
      ]),
    ),
  };
}

/**
 * @param before the file `topics` of {@link topicFiles} before the update
 * @param after the same file after the update
 * @throws Error naming every topic that would get fewer partitions or another replication factor
 */
export function refuseTopicChanges(before: string, after: string): void {
  const parsed = (file: string) =>
    file.split("\n").flatMap((line) => {
      const [topic, partitions, replicas] = line.split(" ");
      return topic ? [{ topic, partitions: Number(partitions), replicas: Number(replicas) }] : [];
    });
  const present = new Map(parsed(before).map((line) => [line.topic, line]));
  const problems = parsed(after).flatMap(({ topic, partitions, replicas }) => {
    const now = present.get(topic);
    if (!now) return [];
    const setting = (key: string, value: number) =>
      `\`pulumi config set --path 'bana-data-layer:kafka.topics["${topic}"].${key}' ${String(value)}\``;
    return [
      ...(partitions < now.partitions
        ? [
            `topic ${topic} has ${String(now.partitions)} partitions and cannot be reduced to ${String(partitions)}: ` +
              "keys would move to other partitions. " +
              `Run ${setting("partitions", now.partitions)}, or declare a topic with another name`,
          ]
        : []),
      ...(replicas !== now.replicas
        ? [
            `topic ${topic} has replication factor ${String(now.replicas)}; changing it to ${String(replicas)} ` +
              `is not supported. Run ${setting("replicationFactor", now.replicas)}`,
          ]
        : []),
    ];
  });
  if (problems.length > 0) throw new Error(problems.join("\n"));
}

export interface BrokerPodArgs {
  readonly settings: KafkaSettings;
  readonly image: string;
  readonly pool: NodePool;
  readonly checksums: PodArgs["checksums"];
}

/** Faster start for short-lived JVMs. */
const shortLived = { KAFKA_JVM_PERFORMANCE_OPTS: "-XX:+UseSerialGC -XX:TieredStopAtLevel=1" };

/** The pod of one broker. */
export function brokerPod({ settings, image, pool, checksums }: BrokerPodArgs): PodArgs {
  const heap = String(Math.floor((parseQuantity(settings.heap) ?? 0) / 2 ** 20));
  const common = {
    image,
    resources: settings.resources,
    mounts: { data, config: "/config", scripts, logs: `${kafkaHome}/logs`, tmp: "/tmp" },
  };
  const environment = {
    POD_NAME: { field: "metadata.name" },
    SCRIPTS: scripts,
    INTERNAL_PORT: port("internal"),
  } satisfies Record<string, EnvironmentValue>;
  const tcpCheck = { tcpSocket: { port: portName(kafka, "client") } };
  return {
    labels: kafka.pods,
    checksums,
    pool,
    spread: kafka.pods,
    uid,
    gracePeriod: 180,
    // Lets stop.sh kill the broker: as PID 1 of its own namespace it would be immune to SIGKILL from inside.
    shareProcessNamespace: true,
    volumes: {
      config: scratch("8Mi"),
      scripts: configFiles(name),
      jaas: secretFiles(jaas.secret),
      logs: scratch("16Mi"),
      tmp: scratch("64Mi"),
    },
    initContainers: [
      {
        ...common,
        name: "kafka-init-config",
        command: ["sh", `${scripts}/init.sh`],
        env: {
          ...environment,
          ...shortLived,
          CLIENT_PORT: port("client"),
          CONTROLLER_PORT: port("controller"),
          CONTROLLERS: String(controllers),
          DOMAIN: `${headless}.${kafka.namespace}.${serviceSuffix}`,
          DATA: data,
          PROPERTIES: properties,
          KAFKA_HOME: kafkaHome,
        },
      },
    ],
    container: {
      ...common,
      name: "kafka",
      command: [`${kafkaHome}/bin/kafka-server-start.sh`, properties],
      mounts: { ...common.mounts, jaas: "/etc/kafka-jaas" },
      env: {
        ...environment,
        // A restarted peer has a new address: the JVM would cache the old one for 30 s by default.
        KAFKA_OPTS: `-Djava.security.auth.login.config=/etc/kafka-jaas/${jaas.file} -Dsun.net.inetaddr.ttl=5`,
        KAFKA_HEAP_OPTS: `-Xmx${heap}m -Xms${heap}m`,
        KAFKA_LOG4J_OPTS: `-Dlog4j2.configurationFile=${scripts}/log4j2.yaml`,
        // Replaces the default `-loggc`, which would write the garbage collector's log to a file.
        EXTRA_ARGS: "-name kafkaServer",
        MIN_IN_SYNC: String(minInSyncReplicas),
        SYNC_TIMEOUT: "90",
        HANDOVER_TIMEOUT: "20",
        SERVICE: `${name}.${kafka.namespace}.${serviceSuffix}`,
        OTHER_SERVICE: `kubernetes.default.${serviceSuffix}`,
      },
      ports: kafka.ports,
      // One hour: after a crash the broker recovers every log from its last checkpoint.
      startupProbe: { ...tcpCheck, periodSeconds: 2, timeoutSeconds: 3, failureThreshold: 1800 },
      // A rollout or an eviction continues with the next broker only when this one is in sync again.
      readinessProbe: {
        exec: { command: ["bash", `${scripts}/replication.sh`, "caught-up"] },
        periodSeconds: 10,
        timeoutSeconds: 10,
        failureThreshold: 3,
      },
      livenessProbe: { ...tcpCheck, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 12 },
      preStop: ["sh", `${scripts}/stop.sh`],
    },
  };
}

export interface ToolPodArgs {
  readonly settings: KafkaSettings;
  readonly image: string;
  readonly pool: NodePool;
  readonly checksums: JobPodArgs["checksums"];
}

/** Resources of a Job that runs Kafka's command-line tools, one at a time. */
const toolResources: ResourceSettings = {
  requests: { cpu: "100m", memory: "256Mi" },
  limits: { cpu: "1", memory: "512Mi" },
};

function toolPod(
  { settings, image, pool, checksums }: ToolPodArgs,
  script: string,
  volumes: JobPodArgs["volumes"],
  mounts: JobPodArgs["container"]["mounts"],
  env: Readonly<Record<string, string>>,
): JobPodArgs {
  return {
    labels: kafkaInit.pods,
    checksums,
    pool,
    uid,
    gracePeriod: 5,
    volumes: { scripts: configFiles(name), private: inMemory("8Mi"), tmp: scratch("64Mi"), ...volumes },
    initContainers: [],
    container: {
      name: script.replace(/\.sh$/, ""),
      image,
      command: ["sh", `${scripts}/${script}`],
      env: {
        ...shortLived,
        ...env,
        BOOTSTRAP: hosts(settings.brokers, "internal").join(","),
        KAFKA_HOME: kafkaHome,
        PRIVATE: privateFolder,
      },
      mounts: { scripts, private: privateFolder, tmp: "/tmp", ...mounts },
      resources: toolResources,
    },
  };
}

/** The pod of the Job that sets users' passwords. The Secret with the Job's name has one key per user. */
export const usersPod = (args: ToolPodArgs): JobPodArgs =>
  toolPod(args, "users.sh", { credentials: secretFiles(usersJob) }, { credentials }, { CREDENTIALS: credentials });

/** The pod of the Job that creates and changes topics. */
export const topicsPod = (args: ToolPodArgs): JobPodArgs =>
  toolPod(
    args,
    "topics.sh",
    { topics: configFiles(topicsJob) },
    { topics: declaredTopics },
    { TOPICS: declaredTopics },
  );
