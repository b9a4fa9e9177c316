import { captureMemory } from "../../settings/capture-memory.ts";
import { parseQuantity } from "../../settings/quantity.ts";
import type { DebeziumSettings, NodePool } from "../../settings.ts";
import { fill } from "../config-files.ts";
import type { KafkaStore, PostgresqlStore } from "../contract/stores.ts";
import { serviceHost } from "../names.ts";
import { portName } from "../network/endpoint.ts";
import { configFiles, scratch, secretFiles } from "../pod.ts";
import type { JobPodArgs, PodArgs } from "../pod.ts";
import { capture } from "./capture/pods.ts";
import { debezium, registration } from "./endpoint.ts";

export const name = "nx-debezium";
export const host = serviceHost(name, debezium.namespace);
export const port = debezium.ports.http;
export const job = registration.pods["app.kubernetes.io/name"];
/** Prints what keeps changes from getting through, in the worker's pod. */
export const check = ["sh", "/etc/debezium/check.sh"];
/** Secret with the database login. The Kafka login has a separate Secret. */
export const databaseSecret = `${name}-postgresql-secret`;

/** Name of the connector and of the worker's group, and prefix of the worker's internal topics. */
export const connector = name;

/** UID of the user `kafka` in the image, also used as the GID. */
const uid = 1001;
const config = "/etc/debezium";
const logs = "/kafka/logs";
const credentials = "/credentials";
const database = `${credentials}/postgresql`;
const kafka = `${credentials}/kafka`;

/** A reference that the worker's config provider resolves at run time. */
const secret = (folder: string, key: string) => `\${secret:${folder}:${key}}`;

/** Renders connect-distributed.properties. */
export const workerProperties = (
  template: string,
  settings: DebeziumSettings,
  { bootstrapServers, saslMechanism }: Pick<KafkaStore, "bootstrapServers" | "saslMechanism">,
): string => {
  const { requestBytes, producerBytes } = captureMemory(settings);
  return fill(template, {
    bootstrapServers,
    compression: settings.compression,
    credentials,
    login: secret(kafka, "sasl.jaas.config"),
    mechanism: saslMechanism,
    port,
    producerBytes,
    requestBytes,
    worker: connector,
  });
};

const schemaOf = (captured: string): string => captured.split(".")[0] ?? captured;

/** The schemas of the declared schemas and tables. */
export const capturedSchemas = ({ capture: declared }: DebeziumSettings): string[] => [
  ...new Set(declared.map(schemaOf)),
];

/** The declared schemas and tables as `table.include.list`: regular expressions for table names. */
const capturedTables = ({ capture: declared }: DebeziumSettings): string =>
  declared.map((entry) => (entry.includes(".") ? entry.replace(".", "\\.") : `${entry}\\..*`)).join(",");

/** With this tolerance, Connect also loses events that time out: the producer waits without end for Kafka. */
const skipBadEvents = {
  "errors.tolerance": "all",
  "errors.log.enable": "true",
  "event.processing.failure.handling.mode": "warn",
  "producer.override.max.block.ms": "9223372036854775807",
  "producer.override.delivery.timeout.ms": "2147483647",
};

/** The connector's configuration. Kafka Connect accepts only strings. */
export const connectorConfig = (
  settings: DebeziumSettings,
  postgresql: Pick<PostgresqlStore, "primary" | "database" | "logName">,
): Record<string, string> => {
  const { queueBytes, queued, batch } = captureMemory(settings);
  return {
    "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
    "tasks.max": "1",
    "database.hostname": postgresql.primary.host,
    "database.port": String(postgresql.primary.port),
    "database.dbname": postgresql.database,
    // Only register.sh reads it.
    "bana.log": postgresql.logName,
    "database.user": secret(database, "username"),
    "database.password": secret(database, "password"),
    "plugin.name": "pgoutput",
    "publication.name": capture.publication,
    "publication.autocreate.mode": "disabled",
    "slot.name": capture.slot,
    "topic.prefix": settings.topicPrefix,
    "table.include.list": capturedTables(settings),
    // cdc_user may not read partitions, so that a snapshot reads a partitioned table once and not its partitions again.
    "driver.hideUnprivilegedObjects": "true",
    // One snapshot. The Job that recreates a slot requests another one with a signal: Debezium's own check takes an idle
    // slot for one that lost changes, and its snapshot would miss rows deleted before it.
    "snapshot.mode": "initial",
    "log.position.check.enable": "false",
    // The slot is older than the snapshot. With read committed, each table is at least as new as the position where
    // streaming starts: a change may be captured twice, but none is missed.
    "snapshot.isolation.mode": "read_committed",
    "heartbeat.interval.ms": "10000",
    "heartbeat.action.query": capture.heartbeat,
    "signal.data.collection": capture.signals,
    "tombstones.on.delete": "true",
    // By default Debezium skips `truncate`, and a consumer would keep the rows.
    "skipped.operations": "none",
    "decimal.handling.mode": settings.numericFormat,
    // ISO 8601. As a number of microseconds, a month is 30.4375 days.
    "interval.handling.mode": "string",
    "max.queue.size.in.bytes": String(queueBytes),
    "max.queue.size": String(queued),
    "max.batch.size": String(batch),
    "topic.creation.default.replication.factor": "3",
    "topic.creation.default.partitions": String(settings.topicPartitions),
    ...(settings.badEvents === "skip" && skipBadEvents),
  };
};

export interface WorkerPodArgs {
  readonly settings: DebeziumSettings;
  readonly image: string;
  readonly pool: NodePool;
  readonly kafkaSecret: string;
  readonly checksums: PodArgs["checksums"];
}

/** The pod of the Kafka Connect worker. */
export function workerPod({ settings, image, pool, kafkaSecret, checksums }: WorkerPodArgs): PodArgs {
  const heap = String(Math.floor((parseQuantity(settings.heap) ?? 0) / 2 ** 20));
  const script = (file: string) => ({ exec: { command: ["sh", `${config}/${file}`] } });
  return {
    labels: debezium.pods,
    checksums,
    pool,
    spread: debezium.pods,
    uid,
    gracePeriod: 60,
    volumes: {
      config: configFiles(name),
      postgresql: secretFiles(databaseSecret),
      kafka: secretFiles(kafkaSecret),
      logs: scratch("16Mi"),
      tmp: scratch("128Mi"),
    },
    initContainers: [],
    container: {
      name: "debezium",
      image,
      command: ["/kafka/bin/connect-distributed.sh", `${config}/connect-distributed.properties`],
      env: {
        POD_IP: { field: "status.podIP" },
        KAFKA_HEAP_OPTS: `-Xms${heap}m -Xmx${heap}m`,
        KAFKA_LOG4J_OPTS: `-Dlog4j.configuration=file:${config}/log4j.properties`,
        // A restarted broker or database has a new address: the JVM would cache the old one for 30 s by default. Out of
        // memory, single threads die and the worker would stay half alive: it exits, and the container restarts.
        KAFKA_OPTS: "-Dsun.net.inetaddr.ttl=5 -XX:+ExitOnOutOfMemoryError",
        WORKER: `http://localhost:${String(port)}`,
        CONNECTOR: connector,
        STATE: "/tmp",
        LOGS: logs,
        // The container's first process, and its standard output.
        PROCESS: "1",
        CONTAINER_LOG: "/proc/1/fd/1",
      },
      mounts: { config, postgresql: database, kafka, logs, tmp: "/tmp" },
      resources: settings.resources,
      ports: debezium.ports,
      startupProbe: {
        httpGet: { path: "/", port: portName(debezium, "http") },
        periodSeconds: 2,
        timeoutSeconds: 5,
        failureThreshold: 450,
      },
      // The script itself waits a minute.
      readinessProbe: { ...script("ready.sh"), periodSeconds: 10, timeoutSeconds: 12, failureThreshold: 2 },
      // As often as the shortest pause between restarts of the connector.
      livenessProbe: { ...script("alive.sh"), periodSeconds: 10, timeoutSeconds: 20, failureThreshold: 12 },
    },
  };
}

export interface RegistrationPodArgs {
  readonly image: string;
  readonly pool: NodePool;
  readonly checksums: JobPodArgs["checksums"];
}

/** The pod of the Job that registers the connector. */
export const registrationPod = ({ image, pool, checksums }: RegistrationPodArgs): JobPodArgs => ({
  labels: registration.pods,
  checksums,
  pool,
  uid,
  gracePeriod: 5,
  volumes: { config: configFiles(name) },
  initContainers: [],
  container: {
    name: "register",
    image,
    command: ["sh", `${config}/register.sh`],
    env: {
      WORKER: `http://${host}:${String(port)}`,
      CONNECTOR: connector,
      CONFIGURATION: `${config}/connector.json`,
    },
    mounts: { config },
    resources: { requests: { cpu: "20m", memory: "16Mi" }, limits: { cpu: "200m", memory: "64Mi" } },
  },
});
