import type { Result } from "./command.ts";
import { exec, type Named, tryExec } from "./kubernetes.ts";
import { startIn } from "./running.ts";

const namespace = "nx-broker";
const brokerCount = 3;
const domain = `nx-kafka-headless.${namespace}.svc.cluster.local`;

/** The broker pods, with the specification's names. */
export const brokers: readonly Named[] = Array.from({ length: brokerCount }, (_, node) => ({
  namespace,
  name: `nx-kafka-${String(node)}`,
}));

/** Bootstrap servers on a port: 9092 requires a login, 29092 does not. */
export const bootstrap = (port: 9092 | 29092): string =>
  brokers.map(({ name }) => `${name}.${domain}:${String(port)}`).join(",");

const home = "/opt/kafka/bin";

/** Properties of a client that logs in with SCRAM. */
export const login = (username: string, password: string): string =>
  [
    "security.protocol=SASL_PLAINTEXT",
    "sasl.mechanism=SCRAM-SHA-512",
    `sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="${username}" password="${password}";`,
    // limits the wait for a broker that is down
    "default.api.timeout.ms=20000",
    "request.timeout.ms=15000",
    "",
  ].join("\n");

/** Properties of a client without credentials. */
export const anonymous = "default.api.timeout.ms=10000\nrequest.timeout.ms=5000\n";

async function propertiesFile(client: Named, properties: string): Promise<string> {
  return (await exec(client, ["sh", "-c", "file=$(mktemp) && cat >$file && echo $file"], { input: properties })).trim();
}

/** Runs one of Kafka's tools in a client pod, connected to the brokers, and returns its result even when it fails. */
export async function tryTool(
  client: Named,
  tool: string,
  properties: string,
  args: readonly string[],
  input?: string,
): Promise<Result> {
  const file = await propertiesFile(client, properties);
  const option = { "kafka-console-producer": "--producer.config", "kafka-console-consumer": "--consumer.config" }[tool];
  const command = [`${home}/${tool}.sh`, "--bootstrap-server", bootstrap(9092), option ?? "--command-config", file];
  return tryExec(client, [...command, ...args], { input, timeout: 120 });
}

/** Runs one of Kafka's tools in a client pod and returns its output. Throws when it fails. */
export async function tool(...call: Parameters<typeof tryTool>): Promise<string> {
  const { code, stdout, stderr } = await tryTool(...call);
  if (code !== 0) throw new Error(`${call[1]}: ${stdout}${stderr}`);
  return stdout.trim();
}

/** Partitions, replication factor and configuration of a topic, as `kafka-topics --describe` prints them. */
export async function topic(client: Named, properties: string, name: string): Promise<Record<string, string>> {
  const text = await tool(client, "kafka-topics", properties, ["--describe", "--topic", name]);
  const [summary = ""] = text.split("\n");
  return Object.fromEntries(
    summary.split("\t").map((part): [string, string] => {
      const [key = "", ...value] = part.split(": ");
      return [key, value.join(": ").trim()];
    }),
  );
}

/** Values of all records of a topic. */
export async function records(client: Named, properties: string, name: string): Promise<string[]> {
  const offsets = await tool(client, "kafka-get-offsets", properties, ["--topic", name]);
  const count = offsets.split("\n").reduce((sum, line) => sum + Number(line.split(":").at(-1)), 0);
  const all = ["--topic", name, "--from-beginning", "--max-messages", String(count)];
  return (await tool(client, "kafka-console-consumer", properties, all)).split("\n");
}

/** A producer that sends numbers continuously with `acks=all`. */
export interface Producer {
  /** Numbers acknowledged so far. */
  readonly acknowledged: readonly string[];
  /** Numbers that it failed to send. */
  readonly failed: readonly string[];
  /** Lines of its standard error. */
  readonly errorLines: readonly string[];
  /** Stops it and waits until it has ended. */
  stop: () => Promise<void>;
}

const pidFile = "/tmp/producer.pid";

/** Starts a producer in a client pod; it sends 100 numbers a second. */
export async function startProducer(client: Named, properties: string, name: string): Promise<Producer> {
  const persistent = "enable.idempotence=true\nretries=2147483647\ndelivery.timeout.ms=180000\n";
  const file = await propertiesFile(client, properties + persistent);
  const line = [`${home}/kafka-verifiable-producer.sh`, "--bootstrap-server", bootstrap(9092), "--topic", name]
    .concat(["--acks", "-1", "--max-messages", "-1", "--throughput", "100", "--producer.config", file])
    .join(" ");
  const acknowledged: string[] = [];
  const failed: string[] = [];
  const errorLines: string[] = [];
  const { ended } = startIn(client, ["sh", "-c", `echo $$ >${pidFile}; exec ${line}`], {
    onLine: (text) => {
      const event = JSON.parse(text) as { name: string; value: string };
      if (event.name === "producer_send_success") acknowledged.push(event.value);
      if (event.name === "producer_send_error") failed.push(event.value);
    },
    onErrorLine: (text) => void errorLines.push(text),
  });
  return {
    acknowledged,
    failed,
    errorLines,
    stop: async () => {
      await exec(client, ["sh", "-c", `kill $(cat ${pidFile})`]);
      await ended;
    },
  };
}
