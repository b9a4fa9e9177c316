import { eventually } from "../e2e/eventually.ts";
import { exec, list, type Named } from "../e2e/kubernetes.ts";
import { secretData } from "../e2e/postgresql.ts";
import { bare, withBareServers } from "./bare.ts";
import { withClient } from "./client.ts";
import { inTurns, type Measurement, throughput } from "./measure.ts";

const rounds = 3;
const minimumRatio = 0.8;
const namespace = "nx-broker";
const servers: Named = { namespace, name: "nx-kafka" };
const internal = `nx-kafka.${namespace}.svc.cluster.local:29092`;
export const bin = "/opt/kafka/bin";
const topic = "bench";

export const heap = "KAFKA_HEAP_OPTS=-Xms256m -Xmx256m";
const clientSettings = ["bootstrap.servers", "security.protocol", "sasl.mechanism", "sasl.jaas.config"];

/** Data of a user's Secret. */
type Login = Readonly<Record<string, string>>;

/** kafka-producer-perf-test from the applications' namespace, compared with the same three brokers in plain pods. */
export function kafka(): Promise<Measurement[]> {
  return withClient({ namespace, name: "nx-kafka-0" }, (client) => withBareServers(servers, () => compare(client)));
}

async function compare(client: Named): Promise<Measurement[]> {
  const credentials = await login();
  const bareLogin = { ...credentials, "bootstrap.servers": bare(credentials["bootstrap.servers"] ?? "") };
  await createUser(client, credentials);
  await prepare(client, "/tmp/layer.properties", credentials);
  await prepare(client, "/tmp/bare.properties", bareLogin);
  const measured = await inTurns(rounds, {
    layer: () => produce(client, "/tmp/layer.properties"),
    bare: () => produce(client, "/tmp/bare.properties"),
  });
  const name = "kafka-producer-perf-test, acks=all, 3 replicas, vs. the same servers in plain pods";
  return [throughput(name, measured.layer, minimumRatio, measured.bare, "/s")];
}

/** Login of the applications' shared user. */
export async function login(): Promise<Login> {
  const secrets = await list("secrets", namespace);
  const name = secrets.map(({ metadata }) => metadata.name).find((each) => each.startsWith("nx-kafka-user-"));
  if (name === undefined) throw new Error("there is no Secret of a Kafka user");
  return secretData({ namespace, name });
}

export const tool = (client: Named, name: string, ...args: readonly string[]): Promise<string> =>
  exec(client, ["env", heap, `${bin}/${name}.sh`, ...args], { timeout: 300 });

/** Creates the same user in the bare brokers. Waits until they accept connections. */
async function createUser(client: Named, { username = "", password = "" }: Login): Promise<void> {
  const user = ["--entity-type", "users", "--entity-name", username];
  const credential = ["--alter", "--add-config", `SCRAM-SHA-512=[password=${password}]`];
  await eventually(() => tool(client, "kafka-configs", "--bootstrap-server", bare(internal), ...user, ...credential), {
    timeout: 180,
  });
}

/** Writes the client's properties and creates the topic. */
export async function prepare(
  client: Named,
  properties: string,
  credentials: Login,
  { topic: name, codec } = { topic, codec: "none" },
): Promise<void> {
  const lines = clientSettings.map((setting) => `${setting}=${credentials[setting] ?? ""}\n`);
  await exec(client, ["tee", properties], { input: `${lines.join("")}acks=all\ncompression.type=${codec}\n` });
  const broker = ["--bootstrap-server", credentials["bootstrap.servers"] ?? "", "--command-config", properties];
  const declared = ["--create", "--if-not-exists", "--topic", name, "--partitions=3", "--replication-factor=3"];
  await eventually(() => tool(client, "kafka-topics", ...broker, ...declared), { timeout: 120 });
}

/** Throughput in records per second, of 1 kB each. */
async function produce(client: Named, properties: string): Promise<number> {
  const load = ["--topic", topic, "--num-records=100000", "--record-size=1000", "--throughput=-1"];
  const output = await tool(client, "kafka-producer-perf-test", ...load, "--producer.config", properties);
  return Number(/^100000 records sent, ([\d.]+) records\/sec/m.exec(output)?.[1] ?? NaN);
}
