import { parseQuantity } from "../../settings/quantity.ts";
import type { KafkaSettings, NodePool, ResourceSettings } from "../../settings.ts";
import { fill } from "../config-files.ts";
import type { Files } from "../config-files.ts";
import { configFiles, inMemory, scratch, secretFiles } from "../pod.ts";
import type { EnvironmentValue, JobPodPlan, PodPlan } from "../pod.ts";
import { podHosts } from "../stateful-set.ts";
import { kafka } from "./endpoint.ts";

export const name = "nx-kafka";
export const headless = `${name}-headless`;
export const jaas = { secret: `${name}-jaas`, file: "kafka_server_jaas.conf" } as const;
export const usersJob = `${name}-scram-init`;
export const topicsJob = `${name}-topics`;

/** Name of the Secret of a user; a user's name may have what a Secret's may not, if the stack's has. */
export const userSecret = (username: string): string =>
  `${name}-user-${username.toLowerCase().replace(/[^a-z0-9.-]/g, "-")}`;

/** How clients log in. */
export const mechanism = "SCRAM-SHA-512";

/** Number of brokers that are controllers too: the first ones. They vote, and their number never changes. */
const controllers = 3;
const minInSyncReplicas = 2;

/** Number of the user and group `appuser` in the image. */
const user = 1000;
const home = "/opt/kafka";
const scripts = "/scripts";
const data = "/var/lib/kafka/data";
const properties = "/config/server.properties";
const credentials = "/credentials";
const declaredTopics = "/topics";
const memory = "/private";

/** What names of Services end with. */
const inCluster = "svc.cluster.local";

const port = (listener: string): string => String(kafka.ports[listener]);
const hosts = (count: number, listener: string): string[] =>
  podHosts(name, headless, kafka.namespace, count).map((host) => `${host}:${port(listener)}`);

/** Where clients find the cluster: every broker's listener that asks for a password. */
export const bootstrapServers = ({ brokers }: KafkaSettings): string => hosts(brokers, "client").join(",");

/** The login that Kafka's own clients take as `sasl.jaas.config`; the password is of letters and digits. */
export const loginModule = (username: string, password: string): string =>
  `org.apache.kafka.common.security.scram.ScramLoginModule required username="${username}" password="${password}";`;

const bytes = (quantity: string): number => Math.floor(parseQuantity(quantity) ?? 0);

/** server.properties from its template, without what differs between brokers. */
export const commonProperties = (template: string, settings: KafkaSettings): string =>
  fill(template, {
    voters: hosts(controllers, "controller")
      .map((host, node) => `${String(node)}@${host}`)
      .join(","),
    data,
    minInSyncReplicas,
    partitions: settings.partitions,
    retentionHours: settings.retentionHours,
    retentionBytes: bytes(settings.retentionBytes),
    segmentBytes: bytes(settings.segmentBytes),
  });

/** The declared topics as topics.sh reads them. */
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
 * @param before the file `topics` of {@link topicFiles} as it is
 * @param after the same as it is to become
 * @throws Error naming every topic that would get fewer partitions, or another replication factor
 */
export function refuseTopicChanges(before: string, after: string): void {
  const parsed = (file: string) =>
    file.split("\n").flatMap((line) => {
      const [topic, partitions, copies] = line.split(" ");
      return topic ? [{ topic, partitions: Number(partitions), copies: Number(copies) }] : [];
    });
  const present = new Map(parsed(before).map((line) => [line.topic, line]));
  const problems = parsed(after).flatMap(({ topic, partitions, copies }) => {
    const now = present.get(topic);
    if (!now) return [];
    const setting = (key: string, value: number) =>
      `\`pulumi config set --path 'bana-data-layer:kafka.topics["${topic}"].${key}' ${String(value)}\``;
    return [
      ...(partitions < now.partitions
        ? [
            `topic ${topic} has ${String(now.partitions)} partitions and cannot go down to ${String(partitions)}, ` +
              `for keys would be found in other partitions: ${setting("partitions", now.partitions)}, or declare a topic of another name`,
          ]
        : []),
      ...(copies !== now.copies
        ? [
            `topic ${topic} has replication factor ${String(now.copies)}, and moving it to ${String(copies)} is not done here: ` +
              setting("replicationFactor", now.copies),
          ]
        : []),
    ];
  });
  if (problems.length > 0) throw new Error(problems.join("\n"));
}

export interface BrokerPlan {
  readonly settings: KafkaSettings;
  readonly image: string;
  readonly pool: NodePool;
  readonly checksums: PodPlan["checksums"];
}

const shortLived = { KAFKA_JVM_PERFORMANCE_OPTS: "-XX:+UseSerialGC -XX:TieredStopAtLevel=1" };

/** The pod of one broker. */
export function brokerPod({ settings, image, pool, checksums }: BrokerPlan): PodPlan {
  const heap = String(Math.floor(bytes(settings.heap) / 2 ** 20));
  const common = {
    image,
    resources: settings.resources,
    mounts: { data, config: "/config", scripts, logs: `${home}/logs`, tmp: "/tmp" },
  };
  const environment = {
    POD_NAME: { field: "metadata.name" },
    SCRIPTS: scripts,
    INTERNAL_PORT: port("internal"),
  } satisfies Record<string, EnvironmentValue>;
  const serves = { tcpSocket: { port: "client" } };
  return {
    labels: kafka.pods,
    checksums,
    pool,
    spread: kafka.pods,
    user,
    gracePeriod: 180,
    // The step before the stop can end the broker: see stop.sh.
    sharedProcesses: true,
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
          DOMAIN: `${headless}.${kafka.namespace}.${inCluster}`,
          DATA: data,
          PROPERTIES: properties,
          KAFKA_HOME: home,
        },
      },
    ],
    container: {
      ...common,
      name: "kafka",
      command: [`${home}/bin/kafka-server-start.sh`, properties],
      mounts: { ...common.mounts, jaas: "/etc/kafka-jaas" },
      env: {
        ...environment,
        // A peer that comes back does so at another address: the JVM would otherwise hold on to the old one for half a minute.
        KAFKA_OPTS: `-Djava.security.auth.login.config=/etc/kafka-jaas/${jaas.file} -Dsun.net.inetaddr.ttl=5`,
        KAFKA_HEAP_OPTS: `-Xmx${heap}m -Xms${heap}m`,
        KAFKA_LOG4J_OPTS: `-Dlog4j2.configurationFile=${scripts}/log4j2.yaml`,
        // Without the log of the garbage collector, which would be a file.
        EXTRA_ARGS: "-name kafkaServer",
        MIN_IN_SYNC: String(minInSyncReplicas),
        PATIENCE: "90",
        LAST_PATIENCE: "20",
        SERVICE: `${name}.${kafka.namespace}.${inCluster}`,
        OTHER_SERVICE: `kubernetes.default.${inCluster}`,
      },
      ports: kafka.ports,
      // An hour: after a crash every log is read from its last checkpoint on.
      startupProbe: { ...serves, periodSeconds: 2, timeoutSeconds: 3, failureThreshold: 1800 },
      // The next broker is rolled, or evicted, when this one is in sync again.
      readinessProbe: {
        exec: { command: ["bash", `${scripts}/replication.sh`, "caught-up"] },
        periodSeconds: 10,
        timeoutSeconds: 10,
        failureThreshold: 3,
      },
      livenessProbe: { ...serves, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 12 },
      preStop: ["sh", `${scripts}/stop.sh`],
    },
  };
}

export interface ToolPlan {
  readonly settings: KafkaSettings;
  readonly image: string;
  readonly pool: NodePool;
  readonly checksums: JobPodPlan["checksums"];
}

/** Of a Job that runs one of Kafka's tools after the other. */
const toolResources: ResourceSettings = {
  requests: { cpu: "100m", memory: "256Mi" },
  limits: { cpu: "1", memory: "512Mi" },
};

function toolPod(
  { settings, image, pool, checksums }: ToolPlan,
  script: string,
  volumes: JobPodPlan["volumes"],
  mounts: JobPodPlan["container"]["mounts"],
  env: Readonly<Record<string, string>>,
): JobPodPlan {
  return {
    labels: { "app.kubernetes.io/name": "kafka-init" },
    checksums,
    pool,
    user,
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
        KAFKA_HOME: home,
        PRIVATE: memory,
      },
      mounts: { scripts, private: memory, tmp: "/tmp", ...mounts },
      resources: toolResources,
    },
  };
}

/** The pod of the Job that gives users their passwords, from a Secret of the Job's name with a key for each. */
export const usersPod = (plan: ToolPlan): JobPodPlan =>
  toolPod(plan, "users.sh", { credentials: secretFiles(usersJob) }, { credentials }, { CREDENTIALS: credentials });

/** The pod of the Job that makes and changes topics. */
export const topicsPod = (plan: ToolPlan): JobPodPlan =>
  toolPod(
    plan,
    "topics.sh",
    { topics: configFiles(topicsJob) },
    { topics: declaredTopics },
    { TOPICS: declaredTopics },
  );
