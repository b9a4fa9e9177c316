import { imageOf, removeClients, startClients } from "./clients.ts";
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

/** Properties that log in as the user that the backend services share. */
async function shared(): Promise<string> {
  const name = (await outputs())["kafkaUserSecret"] as string;
  const { username = "", password = "" } = await secretData({ namespace: "nx-broker", name });
  return login(username, password);
}

const user = "reporting";

/** Properties that log in as the declared user, with the password that its Secret holds now. */
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

describe("what is declared", () => {
  test("a topic is made, with its configuration", async () => {
    expect(await topic(client, await shared(), events)).toMatchObject({
      PartitionCount: "3",
      ReplicationFactor: "3",
      Configs: expect.stringContaining("retention.ms=3600000") as unknown,
    });
  });

  test("a user logs in with what its Secret says", async () => {
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

  test("no pod is rolled for it, and nothing is left to do", async () => {
    expect(uids(await pods())).toEqual(first);
    await pulumi("preview", "--expect-no-changes");
  });

  test("a topic that is not declared is not made by those who use it", async () => {
    const properties = `${await shared()}max.block.ms=5000\n`;
    await tryTool(client, "kafka-console-producer", properties, ["--topic", "e2e.undeclared"], "lost\n");
    expect((await tool(client, "kafka-topics", properties, ["--list"])).split("\n")).not.toContain("e2e.undeclared");
  });
});

describe("the port for clients", () => {
  test("refuses a wrong password", async () => {
    const { code, stdout, stderr } = await tryTool(client, "kafka-topics", login(user, "wrong"), ["--list"]);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain("Authentication failed during authentication due to invalid credentials");
  });

  test("refuses those who do not log in", async () => {
    const { code, stdout } = await tryTool(client, "kafka-topics", anonymous, ["--list"]);
    expect(code).not.toBe(0);
    expect(stdout).not.toContain(events);
  });
});

describe("a producer that wants all copies", () => {
  let producer: Producer;

  /** Waits until the brokers have acknowledged a hundred more. */
  const goesOn = async (): Promise<void> => {
    const wanted = producer.acknowledged.length + 100;
    await eventually(() => {
      const { length } = producer.acknowledged;
      if (length < wanted)
        throw new Error(`${length} are acknowledged, and it says: ${producer.complaints.slice(-20).join("\n")}`);
    }, recovery);
  };

  beforeAll(async () => {
    producer = await startProducer(client, await own(), events);
    await goesOn();
  });

  test.each(brokers)("goes on when the server in $name is killed, which comes back by itself", async (broker) => {
    const { pid, name } = await containerProcess(broker, "kafka");
    expect(name).toBe("java");
    process.kill(pid, "SIGKILL");
    await goesOn();
    await eventually(async () => (await containerProcess(broker, "kafka")).pid !== pid, recovery);
    await readyPod(broker, undefined, recovery);
  });

  test("goes on when the pod of a broker is deleted by force", async () => {
    const [broker = { namespace: "", name: "" }] = brokers;
    const old = await get<Pod>("pod", broker);
    await kubectl(["delete", "pod", broker.name, "--namespace", broker.namespace, "--grace-period=0", "--force"]);
    await goesOn();
    await readyPod(broker, old.metadata.uid, recovery);
  });

  test("never finds too few copies in sync while all brokers are rolled by a change of the configuration", async () => {
    const [before, complaints] = [uids(await pods()), producer.complaints.length];
    await configure("kafka.retentionHours", "169");
    await configure(`${declared}.partitions`, "4");
    await configure(`${declared}.config["retention.ms"]`, "7200000");
    await up();
    const after = await pods();
    expect(after.filter((pod) => !isReady(pod))).toEqual([]);
    expect(uids(after).filter((uid) => before.includes(uid))).toEqual([]);
    await goesOn();
    expect(producer.complaints.slice(complaints).join("\n")).not.toContain("NOT_ENOUGH_REPLICAS");
  });

  test("stays connected while its password changes, with which alone it can come in again", async () => {
    const old = await own();
    await configure(`kafka.users.${user}.passwordVersion`, "2");
    await up();
    const changed = await own();
    expect(changed).not.toBe(old);
    await goesOn();
    expect(await tool(client, "kafka-topics", changed, ["--list"])).toContain(events);
    const { code, stdout, stderr } = await tryTool(client, "kafka-topics", old, ["--list"]);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain("invalid credentials");
  });

  test("finds every record that was acknowledged", async () => {
    await producer.stop();
    expect(producer.failed).toEqual([]);
    const kept = new Set(await records(client, await shared(), events));
    expect(producer.acknowledged.filter((value) => !kept.has(value))).toEqual([]);
  });
});

describe("a declaration that changes", () => {
  test("has given the topic more partitions and other configuration", async () => {
    expect(await topic(client, await shared(), events)).toMatchObject({
      PartitionCount: "4",
      Configs: expect.stringContaining("retention.ms=7200000") as unknown,
    });
  });

  test("is refused before anything is touched when it asks for fewer partitions", async () => {
    const fewer = copyOfConfiguration("fewer-partitions");
    await configure(`${declared}.partitions`, "2", fewer);
    const { code, stdout, stderr } = await tryPulumi(["preview"], fewer);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain(`topic ${events} has 4 partitions and cannot be reduced to 2`);
  });

  test("that leaves out a user shuts it out, and one that leaves out a topic keeps it", async () => {
    const old = await own();
    await unset("kafka.users");
    await unset("kafka.topics");
    await up();
    expect((await tryTool(client, "kafka-topics", old, ["--list"])).code).not.toBe(0);
    expect(await topic(client, await shared(), events)).toMatchObject({ PartitionCount: "4" });
    await pulumi("preview", "--expect-no-changes");
  });
});
