import { imageOf, removeClients, startClients } from "./clients.ts";
import type { Result } from "./command.ts";
import { eventually } from "./eventually.ts";
import { anonymous, brokers, login, type Producer, records, startProducer, tool, topic, tryTool } from "./kafka.ts";
import { get, isReady, kubectl, type Pod, readyPod } from "./kubernetes.ts";
import { secretData } from "./postgresql.ts";
import { containerProcess } from "./processes.ts";
import { configure, copyOfConfiguration, outputs, pulumi, tryPulumi, unset } from "./stack.ts";

const client = { namespace: "nx-backend", name: "kafka-client" };
const declared = 'kafka.topics["e2e.events"]';
const events = "e2e.events";
const recovery = { timeout: 240, interval: 1 };
const up = async (): Promise<string> => pulumi("up", "--yes", "--skip-preview");

/** Client properties for the user that the backend services share. */
async function shared(): Promise<string> {
  const name = (await outputs())["kafkaUserSecret"] as string;
  const { username = "", password = "" } = await secretData({ namespace: "nx-broker", name });
  return login(username, password);
}

const user = "reporting";

/** Client properties for the declared user, with the current password from its Secret. */
async function own(): Promise<string> {
  const { password = "" } = await secretData({ namespace: "nx-backend", name: `nx-kafka-user-${user}` });
  return login(user, password);
}

const pods = async (): Promise<Pod[]> => Promise.all(brokers.map(async (broker) => get<Pod>("pod", broker)));
const uids = (of: readonly Pod[]): string[] => of.map(({ metadata }) => metadata.uid);
let first: readonly string[];

beforeAll(async () => {
  first = uids(await pods());
  const [broker = client] = brokers;
  await startClients({ ...client, image: await imageOf(broker), memory: "1Gi" });
  await configure(`${declared}.partitions`, "3");
  await configure(`${declared}.config["retention.ms"]`, "3600000");
  await configure(`kafka.users.${user}.passwordVersion`, "1");
  await up();
});
afterAll(removeClients);

describe("declared topics and users", () => {
  test("a topic is created with its configuration", async () => {
    expect(await topic(client, await shared(), events)).toMatchObject({
      PartitionCount: "3",
      ReplicationFactor: "3",
      Configs: expect.stringContaining("retention.ms=3600000") as unknown,
    });
  });

  test("a user logs in with the properties in its Secret", async () => {
    const secret = await secretData({ namespace: "nx-backend", name: `nx-kafka-user-${user}` });
    const keys = [
      "bootstrap.servers",
      "password",
      "sasl.jaas.config",
      "sasl.mechanism",
      "security.protocol",
      "username",
    ];
    expect(Object.keys(secret).sort()).toEqual(keys);
    const properties = ["sasl.jaas.config", "sasl.mechanism", "security.protocol"].map(
      (key) => `${key}=${secret[key] ?? ""}`,
    );
    expect(await tool(client, "kafka-topics", properties.join("\n"), ["--list"])).toContain(events);
  });

  test("neither restarts a pod, and a second preview has no changes", async () => {
    expect(uids(await pods())).toEqual(first);
    await pulumi("preview", "--expect-no-changes");
  });

  test("an undeclared topic is not created when a client uses it", async () => {
    const properties = `${await shared()}max.block.ms=5000\n`;
    await tryTool(client, "kafka-console-producer", properties, ["--topic", "e2e.undeclared"], "lost\n");
    expect((await tool(client, "kafka-topics", properties, ["--list"])).split("\n")).not.toContain("e2e.undeclared");
  });
});

describe("the client port", () => {
  let wrong: Result;
  let unknown: Result;

  // both at once: clients without credentials try until they run into their time limit
  beforeAll(async () => {
    const list = async (properties: string) => tryTool(client, "kafka-topics", properties, ["--list"]);
    [wrong, unknown] = await Promise.all([list(login(user, "wrong")), list(anonymous)]);
  });

  test("refuses a wrong password", () => {
    const { code, stdout, stderr } = wrong;
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain("Authentication failed during authentication due to invalid credentials");
  });

  test("refuses clients without credentials", () => {
    const { code, stdout } = unknown;
    expect(code).not.toBe(0);
    expect(stdout).not.toContain(events);
  });
});

describe("a producer with acks=all", () => {
  let producer: Producer;

  /** Waits until the brokers have acknowledged 100 more records. */
  const continues = async (): Promise<void> => {
    const wanted = producer.acknowledged.length + 100;
    await eventually(() => {
      const { length } = producer.acknowledged;
      if (length < wanted)
        throw new Error(`${length} acknowledged; last log lines:\n${producer.errorLines.slice(-20).join("\n")}`);
    }, recovery);
  };

  beforeAll(async () => {
    producer = await startProducer(client, await own(), events);
    await continues();
  });

  test.each(brokers)("continues when the broker process in $name is killed and restarts", async (broker) => {
    const { pid, name } = await containerProcess(broker, "kafka");
    expect(name).toBe("java");
    process.kill(pid, "SIGKILL");
    await continues();
    await eventually(async () => (await containerProcess(broker, "kafka")).pid !== pid, recovery);
    await readyPod(broker, undefined, recovery);
  });

  test("continues when a broker's pod is force-deleted", async () => {
    const [broker = { namespace: "", name: "" }] = brokers;
    const old = await get<Pod>("pod", broker);
    await kubectl(["delete", "pod", broker.name, "--namespace", broker.namespace, "--grace-period=0", "--force"]);
    await continues();
    await readyPod(broker, old.metadata.uid, recovery);
  });

  test("always has enough in-sync replicas while a configuration change rolls all brokers", async () => {
    const [before, errorLines] = [uids(await pods()), producer.errorLines.length];
    await configure("kafka.retentionHours", "169");
    await configure(`${declared}.partitions`, "4");
    await configure(`${declared}.config["retention.ms"]`, "7200000");
    await up();
    const after = await pods();
    expect(after.filter((pod) => !isReady(pod))).toEqual([]);
    expect(uids(after).filter((uid) => before.includes(uid))).toEqual([]);
    await continues();
    expect(producer.errorLines.slice(errorLines).join("\n")).not.toContain("NOT_ENOUGH_REPLICAS");
  });

  test("stays connected while its password changes, and only the new one is accepted afterwards", async () => {
    const old = await own();
    await configure(`kafka.users.${user}.passwordVersion`, "2");
    await up();
    const changed = await own();
    expect(changed).not.toBe(old);
    await continues();
    expect(await tool(client, "kafka-topics", changed, ["--list"])).toContain(events);
    const { code, stdout, stderr } = await tryTool(client, "kafka-topics", old, ["--list"]);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain("invalid credentials");
  });

  test("loses no acknowledged record", async () => {
    await producer.stop();
    expect(producer.failed).toEqual([]);
    const kept = new Set(await records(client, await shared(), events));
    expect(producer.acknowledged.filter((value) => !kept.has(value))).toEqual([]);
  });
});

describe("a changed declaration", () => {
  test("gives the topic more partitions and its new configuration", async () => {
    expect(await topic(client, await shared(), events)).toMatchObject({
      PartitionCount: "4",
      Configs: expect.stringContaining("retention.ms=7200000") as unknown,
    });
  });

  test("with fewer partitions is refused in preview", async () => {
    const fewer = copyOfConfiguration("fewer-partitions");
    await configure(`${declared}.partitions`, "2", fewer);
    const { code, stdout, stderr } = await tryPulumi(["preview"], fewer);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain(`topic ${events} has 4 partitions and cannot be reduced to 2`);
  });

  test("without a user revokes its login, and one without a topic keeps the topic", async () => {
    const old = await own();
    await unset("kafka.users");
    await unset("kafka.topics");
    await up();
    expect((await tryTool(client, "kafka-topics", old, ["--list"])).code).not.toBe(0);
    expect(await topic(client, await shared(), events)).toMatchObject({ PartitionCount: "4" });
    await pulumi("preview", "--expect-no-changes");
  });
});
