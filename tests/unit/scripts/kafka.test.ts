import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const scripts = path.resolve(import.meta.dirname, "../../../components/kafka");
let folder: string;
const at = (...parts: readonly string[]) => path.join(folder, ...parts);

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "bana-kafka-"));
  for (const name of ["home/bin", "bin", "private", "credentials", "topics", "data", "scripts"]) {
    mkdirSync(at(name), { recursive: true });
  }
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Puts a program in place of another: it writes down how it was called, and then does this. */
function standIn(file: string, does: string): void {
  writeFileSync(at(file), `#!/bin/sh\necho "\${0##*/} $*" >>${at("calls")}\n${does}\n`, { mode: 0o755 });
}

const calls = (): string[] => (existsSync(at("calls")) ? readFileSync(at("calls"), "utf8").trim().split("\n") : []);

function run(script: string, env: Readonly<Record<string, string>>): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync("sh", [path.join(scripts, script)], {
    env: { PATH: `${at("bin")}:${process.env["PATH"] ?? ""}`, KAFKA_HOME: at("home"), PRIVATE: at("private"), ...env },
    encoding: "utf8",
  });
  return { status, stderr };
}

describe("users", () => {
  const configs = "kafka-configs.sh --bootstrap-server broker:1 --entity-type users";
  const bring = () => run("users.sh", { BOOTSTRAP: "broker:1", CREDENTIALS: at("credentials") });

  test("get their passwords by a file, and those who are not declared are shut out", () => {
    writeFileSync(at("credentials/nx.local"), "secret1");
    writeFileSync(at("credentials/reporting"), "secret2");
    standIn(
      "home/bin/kafka-configs.sh",
      [
        `case $* in *--add-config-file*) cat "$(echo "$*" | sed 's/.*--add-config-file //')" >>${at("given")} ;;`,
        `*--describe*) for user in nx.local "former one" reporting; do`,
        `echo "SCRAM credential configs for user-principal '$user' are SCRAM-SHA-512=iterations=8192"; done ;; esac`,
      ].join("\n"),
    );
    expect(bring()).toEqual({ status: 0, stderr: "" });
    const file = at("private/credential.properties");
    expect(calls()).toEqual([
      `${configs} --alter --entity-name nx.local --add-config-file ${file}`,
      `${configs} --alter --entity-name reporting --add-config-file ${file}`,
      `${configs} --describe`,
      `${configs} --alter --entity-name former one --delete-config SCRAM-SHA-512`,
    ]);
    expect(readFileSync(at("given"), "utf8")).toBe(
      "SCRAM-SHA-512=iterations=8192,password=secret1\nSCRAM-SHA-512=iterations=8192,password=secret2\n",
    );
  });

  test.each(["--add-config-file", "--describe"])("are not said to be there when %s fails", (step) => {
    writeFileSync(at("credentials/nx.local"), "secret1");
    standIn("home/bin/kafka-configs.sh", `case $* in *${step}*) exit 7 ;; esac`);
    expect(bring().status).toBe(7);
  });
});

describe("topics", () => {
  const topics = "kafka-topics.sh --bootstrap-server broker:1";
  const configs = "kafka-configs.sh --bootstrap-server broker:1 --entity-type topics";

  beforeEach(() => {
    // as Kafka 4.1 says it
    writeFileSync(
      at("described"),
      [
        "Topic: orders.v1\tTopicId: _9icPOdISTqEiGgcaz-M5g\tPartitionCount: 3\tReplicationFactor: 3\tConfigs: segment.bytes=1",
        "\tTopic: orders.v1\tPartition: 0\tLeader: 0\tReplicas: 0,1,2\tIsr: 0,1,2\tElr: \tLastKnownElr: ",
        "Topic: other\tTopicId: n9h8BWYxQBmienji8QM1og\tPartitionCount: 9\tReplicationFactor: 1\tConfigs: ",
        "",
      ].join("\n"),
    );
    writeFileSync(
      at("configured"),
      [
        "Dynamic configs for topic orders.v1 are:",
        "  retention.ms=1000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:retention.ms=1000}",
        "  cleanup.policy=compact,delete sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:cleanup.policy=compact,delete}",
        "Dynamic configs for topic other are:",
        "  retention.ms=5 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:retention.ms=5}",
        "",
      ].join("\n"),
    );
    standIn("home/bin/kafka-topics.sh", `case $* in *--describe) cat ${at("described")} ;; esac`);
    standIn("home/bin/kafka-configs.sh", `case $* in *--describe) cat ${at("configured")} ;; esac`);
  });

  function declare(declared: Readonly<Record<string, readonly [number, number, ...string[]]>>) {
    const entries = Object.entries(declared);
    writeFileSync(at("topics/topics"), entries.map(([name, [n, r]]) => `${name} ${String(n)} ${String(r)}\n`).join(""));
    for (const [name, [, , ...config]] of entries) {
      writeFileSync(at("topics", `${name}.properties`), config.map((line) => `${line}\n`).join(""));
    }
    const { status, stderr } = run("topics.sh", { BOOTSTRAP: "broker:1", TOPICS: at("topics") });
    const changes = calls().filter((call) => !call.endsWith("--describe"));
    return { status, stderr, changes };
  }
  const same = ["cleanup.policy=compact,delete", "retention.ms=1000"] as const;

  test("that are as declared are left alone, and so are those that are not declared", () => {
    expect(declare({ "orders.v1": [3, 3, ...same] })).toEqual({ status: 0, stderr: "", changes: [] });
  });

  test("that are missing are made", () => {
    expect(declare({ a: [1, 3], b: [6, 2, ...same] }).changes).toEqual([
      `${topics} --create --if-not-exists --topic a --partitions 1 --replication-factor 3`,
      `${topics} --create --if-not-exists --topic b --partitions 6 --replication-factor 2` +
        " --config cleanup.policy=compact,delete --config retention.ms=1000",
    ]);
  });

  test("get more partitions", () => {
    const { changes } = declare({ "orders.v1": [5, 3, ...same] });
    expect(changes).toEqual([`${topics} --alter --topic orders.v1 --partitions 5`]);
  });

  test("get other configuration, and the default of what is not declared any more", () => {
    const { changes } = declare({ "orders.v1": [3, 3, "max.message.bytes=7", "retention.ms=1000"] });
    const file = at("topics/orders.v1.properties");
    expect(changes).toEqual([
      `${configs} --alter --entity-name orders.v1 --add-config-file ${file} --delete-config cleanup.policy`,
    ]);
  });

  test("can be left without any configuration of their own", () => {
    expect(declare({ "orders.v1": [3, 3] }).changes).toEqual([
      `${configs} --alter --entity-name orders.v1 --delete-config cleanup.policy,retention.ms`,
    ]);
  });

  test("cannot lose partitions or change their number of copies: then nothing is done at all", () => {
    const { status, stderr, changes } = declare({ new: [1, 3], "orders.v1": [2, 3], other: [9, 3] });
    expect({ status, changes }).toEqual({ status: 1, changes: [] });
    expect(stderr).toContain(
      "topic orders.v1 has 3 partitions and cannot go down to 2, for keys would be found in other partitions." +
        ' Set kafka.topics["orders.v1"].partitions to 3 or more',
    );
    expect(stderr).toContain("topic other has replication factor 1, and moving it to 3 is not done here");
  });

  test("are not said to be there when Kafka does not answer", () => {
    standIn("home/bin/kafka-topics.sh", "exit 7");
    expect(declare({ a: [1, 3] }).status).toBe(7);
  });
});

describe("a broker's pod", () => {
  const domain = "nx-kafka-headless.nx-broker.svc.cluster.local";

  beforeEach(() => {
    writeFileSync(at("scripts/server.properties"), "num.partitions=3\n");
    writeFileSync(at("scripts/cluster-id"), "-ySK8tQ8Rkm7ZZTTfXzRzw");
    standIn("home/bin/kafka-storage.sh", "");
    standIn("bin/getent", "");
    standIn("bin/sleep", "");
  });

  const init = (pod: string) =>
    run("init.sh", {
      POD_NAME: pod,
      DOMAIN: domain,
      CONTROLLERS: "3",
      INTERNAL_PORT: "29092",
      CLIENT_PORT: "9092",
      CONTROLLER_PORT: "9093",
      SCRIPTS: at("scripts"),
      DATA: at("data"),
      PROPERTIES: at("server.properties"),
    });
  const properties = () => readFileSync(at("server.properties"), "utf8").split("\n");
  const formats = () => calls().filter((call) => call.startsWith("kafka-storage.sh"));

  test("of the first three is a controller too, and known by its own name", () => {
    expect(init("nx-kafka-2")).toEqual({ status: 0, stderr: "" });
    expect(properties()).toEqual(
      expect.arrayContaining([
        "num.partitions=3",
        "node.id=2",
        "process.roles=broker,controller",
        "listeners=INTERNAL://:29092,CLIENT://:9092,CONTROLLER://:9093",
        `advertised.listeners=INTERNAL://nx-kafka-2.${domain}:29092,CLIENT://nx-kafka-2.${domain}:9092`,
      ]),
    );
  });

  test("beyond the first three is a broker only", () => {
    expect(init("nx-kafka-13").status).toBe(0);
    expect(properties()).toEqual(
      expect.arrayContaining(["node.id=13", "process.roles=broker", "listeners=INTERNAL://:29092,CLIENT://:9092"]),
    );
  });

  test("formats an empty volume, rid of lost+found, for this cluster", () => {
    mkdirSync(at("data/lost+found"));
    expect(init("nx-kafka-0").status).toBe(0);
    expect(existsSync(at("data/lost+found"))).toBe(false);
    expect(formats()).toEqual([
      `kafka-storage.sh format --ignore-formatted --cluster-id=-ySK8tQ8Rkm7ZZTTfXzRzw --config ${at("server.properties")}`,
    ]);
  });

  test("leaves a formatted volume as it is", () => {
    writeFileSync(at("data/meta.properties"), "#\nnode.id=0\ncluster.id=-ySK8tQ8Rkm7ZZTTfXzRzw\n");
    expect(init("nx-kafka-0").status).toBe(0);
    expect(formats()).toEqual([]);
  });

  test("refuses the volume of another cluster", () => {
    writeFileSync(at("data/meta.properties"), "#\nnode.id=0\ncluster.id=other\n");
    const { status, stderr } = init("nx-kafka-0");
    expect(status).toBe(1);
    expect(stderr).toContain("the volume belongs to Kafka cluster other, and this is -ySK8tQ8Rkm7ZZTTfXzRzw");
  });

  test("waits until the names of all controllers are known", () => {
    standIn("bin/getent", `[ "$(grep -c ^getent ${at("calls")})" -gt 8 ]`);
    expect(init("nx-kafka-0").status).toBe(0);
    const asked = calls().filter((call) => call.startsWith("getent"));
    expect(asked).toHaveLength(12);
    expect(asked.slice(-3)).toEqual([0, 1, 2].map((node) => `getent hosts nx-kafka-${String(node)}.${domain}`));
  });

  test("goes on after a minute with a majority of them", () => {
    standIn("bin/getent", `case $* in *nx-kafka-1.*) exit 2 ;; esac`);
    expect(init("nx-kafka-0").status).toBe(0);
    expect(calls().filter((call) => call === "sleep 1")).toHaveLength(60);
  });
});

describe("a broker that is to stop", () => {
  const down = "kubernetes.svc";
  const terminate = "pkill -TERM -x java";
  const kill = "pkill -KILL -x java";

  /**
   * Stops when `needed` questions were answered with no; of the names, the name server knows those that a pattern of the shell matches.
   * @param lasts seconds after which the broker is gone, and the step with it
   */
  function stop(needed: number, { known = "*", lasts = 50, pkill = "" } = {}) {
    writeFileSync(
      at("scripts/replication.sh"),
      `echo "$1" >>${at("asked")}\n[ "$(wc -l <${at("asked")})" -gt ${String(needed)} ]\n`,
    );
    standIn("bin/sleep", `[ "$(grep -c ^sleep ${at("calls")})" -lt ${String(lasts)} ] || kill $PPID`);
    standIn("bin/getent", `case $2 in ${known}) ;; *) exit 2 ;; esac`);
    standIn("bin/pkill", pkill);
    const { status, stderr } = run("stop.sh", {
      SCRIPTS: at("scripts"),
      SYNC_TIMEOUT: "5",
      HANDOVER_TIMEOUT: "20",
      SERVICE: "nx-kafka.svc",
      OTHER_SERVICE: down,
    });
    const questions = existsSync(at("asked")) ? readFileSync(at("asked"), "utf8").trim().split("\n") : [];
    return { status, stderr, questions, kills: calls().filter((call) => call.startsWith("pkill")) };
  }
  /** @param status of the step, which has none when it ended with the broker */
  const stopped = (asked: number, status: number | null = null, kills = [terminate]) => ({
    status,
    stderr: "",
    questions: Array<string>(asked).fill("dispensable"),
    kills,
  });

  test.each([
    ["at once when it is not needed", 0, 1],
    ["when it is not needed any more", 3, 4],
    ["in the end in any case", 99, 6],
  ])("stops %s", (_, needed, asked) => {
    expect(stop(needed)).toEqual(stopped(asked));
  });

  test("does not wait when Kafka is taken down, and its Service is gone, and is killed when it does not end", () => {
    expect(stop(99, { known: down })).toEqual(stopped(0, 0, [terminate, kill]));
    expect(calls().filter((call) => call.startsWith("sleep"))).toHaveLength(20);
  });

  test("is not killed when it does end", () => {
    expect(stop(99, { known: down, lasts: 19 })).toEqual(stopped(0));
  });

  test("does wait when no name is known, for then the name server is gone", () => {
    expect(stop(3, { known: "nothing" })).toEqual(stopped(4));
  });

  test("is left to SIGTERM where pkill is not to be had", () => {
    expect(stop(0, { pkill: "exit 127" })).toEqual(stopped(1, 0));
    expect(calls().some((call) => call.startsWith("sleep"))).toBe(false);
  });
});
