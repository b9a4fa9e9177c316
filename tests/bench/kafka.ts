import { eventually } from "../e2e/eventually.ts";
import { exec, list, type Named } from "../e2e/kubernetes.ts";
import { secretData } from "../e2e/postgresql.ts";
import { bareMachine, loopback, type Server, stopAll } from "./bare.ts";
import { withClient } from "./client.ts";
import { inTurns, type Measurement, throughput } from "./measure.ts";

const rounds = 3;
const leastPart = 0.8;
const namespace = "nx-broker";
const pods: readonly Named[] = [0, 1, 2].map((node) => ({ namespace, name: `nx-kafka-${node}` }));
const bin = "/opt/kafka/bin";
const topic = "bench";
const properties = "/tmp/bench.properties";
/** User of the bare brokers. */
const user = { name: "bench", password: "bench" };

/** Of the tools: the same in a client's pod, and instead of a broker's own environment on the bare machine. */
const tool = { KAFKA_HEAP_OPTS: "-Xms256m -Xmx256m", KAFKA_OPTS: "", KAFKA_LOG4J_OPTS: "" };
/** Java finds its libraries by /proc, which in a pod's file system shows the pod's processes only. */
const libraries = { LD_LIBRARY_PATH: "/opt/java/openjdk/lib" };

/** Runs a program where the brokers can be reached. */
type Run = (argv: readonly string[], input?: string) => Promise<string>;

/** kafka-producer-perf-test from a pod of the applications, against the same three brokers on the bare machine. */
export function kafka(): Promise<Measurement[]> {
  const [first] = pods;
  return withClient(first ?? { namespace, name: "" }, compare);
}

async function compare(client: Named): Promise<Measurement[]> {
  const { "bootstrap.servers": servers = "", ...login } = await applicationLogin();
  const variables = Object.entries(tool).map(([name, value]) => `${name}=${value}`);
  const inCluster: Run = (argv, input) => exec(client, ["env", ...variables, ...argv], { input, timeout: 300 });
  await prepare(inCluster, servers, login);
  const bare = await bareBrokers();
  try {
    await prepare(bare.run, bare.servers, {
      ...login,
      "sasl.jaas.config": `org.apache.kafka.common.security.scram.ScramLoginModule required username="${user.name}" password="${user.password}";`,
    });
    const found = await inTurns(rounds, {
      cluster: () => produce(inCluster),
      bare: () => produce(bare.run),
    });
    const what = "kafka-producer-perf-test, acks=all, 3 copies, against the bare machine";
    return [throughput(what, found.cluster, leastPart, found.bare, "/s")];
  } finally {
    await bare.stop();
  }
}

/** Login of the user that the applications share, as Kafka's clients take it. */
async function applicationLogin(): Promise<Record<string, string>> {
  const secrets = await list("secrets", namespace);
  const name = secrets.map(({ metadata }) => metadata.name).find((each) => each.startsWith("nx-kafka-user-"));
  if (name === undefined) throw new Error("there is no Secret of a user of Kafka");
  const data = await secretData({ namespace, name });
  const wanted = ["bootstrap.servers", "security.protocol", "sasl.mechanism", "sasl.jaas.config"];
  return Object.fromEntries(wanted.map((key) => [key, data[key] ?? ""]));
}

/** Writes the client's configuration, and makes the topic. */
async function prepare(run: Run, servers: string, login: Readonly<Record<string, string>>): Promise<void> {
  const settings = { ...login, "bootstrap.servers": servers, acks: "all" };
  await run(
    ["tee", properties],
    Object.entries(settings)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(""),
  );
  const broker = ["--bootstrap-server", servers, "--command-config", properties];
  await run([
    `${bin}/kafka-topics.sh`,
    ...broker,
    ...["--create", "--if-not-exists", "--topic", topic, "--partitions=3", "--replication-factor=3"],
  ]);
}

/** Records of 1 kB in a second. */
async function produce(run: Run): Promise<number> {
  const load = ["--topic", topic, "--num-records=100000", "--record-size=1000", "--throughput=-1"];
  const output = await run([`${bin}/kafka-producer-perf-test.sh`, ...load, "--producer.config", properties]);
  return Number(/^100000 records sent, ([\d.]+) records\/sec/m.exec(output)?.[1] ?? NaN);
}

interface BareBrokers {
  readonly servers: string;
  readonly run: Run;
  stop(): Promise<void>;
}

/** Brokers as in their pods, with data of their own on their pods' volumes, at ports of their own. */
async function bareBrokers(): Promise<BareBrokers> {
  const running: Server[] = [];
  const stop = (): Promise<void> => stopAll(running);
  try {
    const machines = await Promise.all(pods.map((pod) => bareMachine(pod, "kafka", libraries)));
    for (const [node, machine] of machines.entries()) {
      const run = (argv: readonly string[], input?: string): Promise<string> => machine.run(argv, { env: tool, input });
      const file = "/tmp/bare.properties";
      const data = "/var/lib/kafka/data/bare-0";
      const own = moved(machine.read("/config/server.properties"), node).replace(/^log\.dirs=.*$/m, `log.dirs=${data}`);
      await run(["rm", "-rf", data]);
      await run(["tee", file], own);
      await run([
        ...[`${bin}/kafka-storage.sh`, "format", "--cluster-id=MkU3OEVBNTcwNTJENDM2Qg", "--config", file],
        ...["--add-scram", `SCRAM-SHA-512=[name=${user.name},password=${user.password}]`],
      ]);
      running.push(machine.start([`${bin}/kafka-server-start.sh`, file]));
    }
    const [machine] = machines;
    if (machine === undefined) throw new Error("there are no pods of Kafka");
    const run: Run = (argv, input) => machine.run(argv, { env: tool, input, timeout: 300 });
    const internal = ["--bootstrap-server", `${loopback}:${portOf(29092, 0)}`];
    await eventually(
      async () => (await run([`${bin}/kafka-broker-api-versions.sh`, ...internal])).split("(id: ").length > pods.length,
      { timeout: 180, interval: 2 },
    );
    return { servers: pods.map((_, node) => `${loopback}:${portOf(9092, node)}`).join(","), run, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A port of a broker's pod, on the machine where all of them run. */
const portOf = (port: number, node: number): number => port + 1000 * (node + 1);

/** server.properties for the bare machine: every host is the loopback, and every broker has ports of its own. */
function moved(text: string, node: number): string {
  return text
    .replace(
      /nx-kafka-(\d+)\.[\w.-]+:(\d+)/g,
      (_, peer: string, port: string) => `${loopback}:${portOf(Number(port), Number(peer))}`,
    )
    .replace(/:\/\/:(\d+)/g, (_, port: string) => `://${loopback}:${portOf(Number(port), node)}`);
}
