import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const scripts = path.resolve(import.meta.dirname, "../../../components/kafka/statefulset");
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

/** Replaces a program by a script that records its call and then runs `does`. */
function stub(file: string, does: string): void {
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

  test("get their passwords from a file, and undeclared users lose access", () => {
    writeFileSync(at("credentials/nx.local"), "secret1");
    writeFileSync(at("credentials/reporting"), "secret2");
    stub(
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

  test.each(["--add-config-file", "--describe"])("fail when %s fails", (step) => {
    writeFileSync(at("credentials/nx.local"), "secret1");
    stub("home/bin/kafka-configs.sh", `case $* in *${step}*) exit 7 ;; esac`);
    expect(bring().status).toBe(7);
  });
});

describe("topics", () => {
  const topics = "kafka-topics.sh --bootstrap-server broker:1";
  const configs = "kafka-configs.sh --bootstrap-server broker:1 --entity-type topics";

  beforeEach(() => {
    // the output of Kafka 4.1
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
    stub("home/bin/kafka-topics.sh", `case $* in *--describe) cat ${at("described")} ;; esac`);
    stub("home/bin/kafka-configs.sh", `case $* in *--describe) cat ${at("configured")} ;; esac`);
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

  test("that are as declared do not change, nor do undeclared topics", () => {
    expect(declare({ "orders.v1": [3, 3, ...same] })).toEqual({ status: 0, stderr: "", changes: [] });
  });

  test("that are missing are created", () => {
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

  test("get changed configuration, and defaults for what is no longer declared", () => {
    const { changes } = declare({ "orders.v1": [3, 3, "max.message.bytes=7", "retention.ms=1000"] });
    const file = at("topics/orders.v1.properties");
    expect(changes).toEqual([
      `${configs} --alter --entity-name orders.v1 --add-config-file ${file} --delete-config cleanup.policy`,
    ]);
  });

  test("can lose all their own configuration", () => {
    expect(declare({ "orders.v1": [3, 3] }).changes).toEqual([
      `${configs} --alter --entity-name orders.v1 --delete-config cleanup.policy,retention.ms`,
    ]);
  });

  test("cannot lose partitions or change their replication factor: then nothing changes at all", () => {
    const { status, stderr, changes } = declare({ new: [1, 3], "orders.v1": [2, 3], other: [9, 3] });
    expect({ status, changes }).toEqual({ status: 1, changes: [] });
    expect(stderr).toContain(
      "topic orders.v1 has 3 partitions and cannot be reduced to 2: keys would move to other partitions." +
        ' Set kafka.topics["orders.v1"].partitions to 3 or more',
    );
    expect(stderr).toContain("topic other has replication factor 1, and this Job does not change it to 3");
  });

  test("fail when Kafka does not answer", () => {
    stub("home/bin/kafka-topics.sh", "exit 7");
    expect(declare({ a: [1, 3] }).status).toBe(7);
  });
});

describe("a broker's pod", () => {
  const domain = "nx-kafka-headless.nx-broker.svc.cluster.local";

  beforeEach(() => {
    writeFileSync(at("scripts/server.properties"), "num.partitions=3\n");
    writeFileSync(at("scripts/cluster-id"), "-ySK8tQ8Rkm7ZZTTfXzRzw");
    stub("home/bin/kafka-storage.sh", "");
    stub("bin/getent", "");
    stub("bin/sleep", "");
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

  test("of the first three is a controller too, and advertises its own name", () => {
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

  describe("with an empty volume while another broker is in service", () => {
    const quorum = (leads: string) => {
      writeFileSync(at("scripts/quorum.sh"), `#!/bin/bash\n${leads}\n`);
      // the first try of a peer's port succeeds
      stub("bin/timeout", 'shift; case $* in *quorum.sh*) exec "$@" ;; *nx-kafka-1.*) exit 0 ;; *) exit 1 ;; esac');
    };

    test("formats it if a controller leads", () => {
      quorum("echo 1");
      expect(init("nx-kafka-0").status).toBe(0);
      expect(formats()).toHaveLength(1);
    });

    test("waits without a leader, until it has a copy of the metadata, without that controller's votes", () => {
      const metadata = at("data/__cluster_metadata-0");
      quorum("exit 1");
      stub("bin/sleep", `mkdir -p ${metadata}; touch ${metadata}/quorum-state ${metadata}/0.log`);
      const { status, stderr } = init("nx-kafka-0");
      expect(status).toBe(0);
      expect(stderr).toContain("no controller leads: not starting without the metadata that nx-kafka-1 has");
      expect([existsSync(`${metadata}/0.log`), existsSync(`${metadata}/quorum-state`)]).toEqual([true, false]);
      expect(formats()).toHaveLength(1);
    });
  });

  test("removes lost+found and formats an empty volume for this cluster", () => {
    mkdirSync(at("data/lost+found"));
    expect(init("nx-kafka-0").status).toBe(0);
    expect(existsSync(at("data/lost+found"))).toBe(false);
    expect(formats()).toEqual([
      `kafka-storage.sh format --ignore-formatted --cluster-id=-ySK8tQ8Rkm7ZZTTfXzRzw --config ${at("server.properties")}`,
    ]);
  });

  test("does not format a formatted volume again", () => {
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

  test("waits until the names of all controllers resolve", () => {
    stub("bin/getent", `[ "$(grep -c ^getent ${at("calls")})" -gt 8 ]`);
    expect(init("nx-kafka-0").status).toBe(0);
    const asked = calls().filter((call) => call.startsWith("getent"));
    expect(asked).toHaveLength(12);
    expect(asked.slice(-3)).toEqual([0, 1, 2].map((node) => `getent hosts nx-kafka-${String(node)}.${domain}`));
  });

  test("continues after a minute if a majority of them resolves", () => {
    stub("bin/getent", `case $* in *nx-kafka-1.*) exit 2 ;; esac`);
    expect(init("nx-kafka-0").status).toBe(0);
    expect(calls().filter((call) => call === "sleep 1")).toHaveLength(60);
  });
});

describe("a broker that is stopping", () => {
  const down = "kubernetes.svc";
  const terminate = "pkill -TERM -x java";
  const kill = "pkill -KILL -x java";

  /**
   * Runs the preStop hook.
   * @param needed number of times that the broker is reported as needed
   * @param known shell pattern of the names that resolve
   * @param lasts seconds after which the broker exits, and the hook with it
   */
  function stop(needed: number, { known = "*", lasts = 50, pkill = "" } = {}) {
    writeFileSync(
      at("scripts/replication.sh"),
      `echo "$1" >>${at("asked")}\n[ "$(wc -l <${at("asked")})" -gt ${String(needed)} ]\n`,
    );
    stub("bin/sleep", `[ "$(grep -c ^sleep ${at("calls")})" -lt ${String(lasts)} ] || kill $PPID`);
    stub("bin/getent", `case $2 in ${known}) ;; *) exit 2 ;; esac`);
    stub("bin/pkill", pkill);
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
  /** @param status exit code of the hook; null when it ended with the broker */
  const stopped = (asked: number, status: number | null = null, kills = [terminate]) => ({
    status,
    stderr: "",
    questions: Array<string>(asked).fill("dispensable"),
    kills,
  });

  test.each([
    ["immediately when it is not needed", 0, 1],
    ["when it is no longer needed", 3, 4],
    ["at the time limit in any case", 99, 6],
  ])("stops %s", (_, needed, asked) => {
    expect(stop(needed)).toEqual(stopped(asked));
  });

  test("does not wait when Kafka is removed and its Service is gone, and is killed if it does not exit", () => {
    expect(stop(99, { known: down })).toEqual(stopped(0, 0, [terminate, kill]));
    expect(calls().filter((call) => call.startsWith("sleep"))).toHaveLength(20);
  });

  test("is not killed if it exits", () => {
    expect(stop(99, { known: down, lasts: 19 })).toEqual(stopped(0));
  });

  test("waits when no name resolves, because then DNS is down", () => {
    expect(stop(3, { known: "nothing" })).toEqual(stopped(4));
  });

  test("is left to SIGTERM where pkill is not available", () => {
    expect(stop(0, { pkill: "exit 127" })).toEqual(stopped(1, 0));
    expect(calls().some((call) => call.startsWith("sleep"))).toBe(false);
  });
});
