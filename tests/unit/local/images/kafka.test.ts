import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { kafka } from "../../../../local/images/kafka.ts";

// Kafka's scripts with a stub java that prints its arguments.
let home: string;
beforeAll(() => {
  home = mkdtempSync(path.join(tmpdir(), "kafka-test-"));
  for (const folder of ["bin", "config", "libs", "java/bin"]) mkdirSync(path.join(home, folder), { recursive: true });
  for (const name of ["kafka-run-class.sh", "kafka-server-start.sh", "kafka-tool.sh"]) {
    copyFileSync(path.join(__dirname, "../../../../local/images/kafka/bin", name), path.join(home, "bin", name));
  }
  symlinkSync("kafka-tool.sh", path.join(home, "bin/kafka-topics.sh"));
  for (const name of ["b.jar", "a.jar"]) writeFileSync(path.join(home, "libs", name), "");
  writeFileSync(path.join(home, "config/tools-log4j2.yaml"), "");
  writeFileSync(path.join(home, "java/bin/java"), '#!/bin/sh\nprintf "%s\\n" "$@"\n', { mode: 0o755 });
});
afterAll(() => rmSync(home, { recursive: true }));

const java = (script: string, args: string[], env: Record<string, string> = {}) =>
  execFileSync(path.join(home, "bin", script), args, {
    env: { PATH: process.env.PATH, JAVA_HOME: path.join(home, "java"), ...env },
    encoding: "utf8",
  })
    .trimEnd()
    .split("\n");

test("every tool is a link to one script, which selects its class", () => {
  const links = Object.entries(kafka.filesystem.links ?? {}).filter(([, target]) => target === "kafka-tool.sh");
  const known = [
    ...readFileSync(path.join(__dirname, "../../../../local/images/kafka/bin/kafka-tool.sh"), "utf8").matchAll(
      /^ +(kafka-.*\.sh)\)/gm,
    ),
  ];
  expect(links.map(([link]) => path.basename(link)).sort()).toEqual(known.map(([, name]) => name).sort());
  expect(java("kafka-topics.sh", ["--list", "a b"]).slice(-3)).toEqual([
    "org.apache.kafka.tools.TopicCommand",
    "--list",
    "a b",
  ]);
});

test("the class path lists CLASSPATH, then all JARs in sorted order", () => {
  const options = java("kafka-topics.sh", [], { CLASSPATH: "/x" });
  expect(options[options.indexOf("-cp") + 1]).toBe(`/x:${home}/libs/a.jar:${home}/libs/b.jar`);
});

test("tools get a small heap and their own log configuration; the broker has other defaults", () => {
  expect(java("kafka-topics.sh", [])).toEqual(
    expect.arrayContaining(["-Xmx256M", `-Dlog4j2.configurationFile=${home}/config/tools-log4j2.yaml`]),
  );
  expect(java("kafka-server-start.sh", ["/p"])).toEqual(
    expect.arrayContaining([
      "-Xmx1G",
      "-Xms1G",
      `-Xlog:gc*:file=${home}/logs/kafkaServer-gc.log:time,tags:filecount=10,filesize=100M`,
      `-Dlog4j2.configurationFile=${home}/bin/../config/log4j2.yaml`,
    ]),
  );
});

test("all environment variables of the upstream scripts are supported", () => {
  const logs = path.join(home, "elsewhere");
  const options = java("kafka-server-start.sh", ["/p", "--override", "a=b"], {
    EXTRA_ARGS: "",
    KAFKA_HEAP_OPTS: "-Xmx7m -Xms7m",
    KAFKA_JVM_PERFORMANCE_OPTS: "-XX:+UseSerialGC",
    KAFKA_GC_LOG_OPTS: "-Xlog:gc",
    KAFKA_JMX_OPTS: "-Djmx=1",
    KAFKA_LOG4J_OPTS: "-Dlog=2",
    KAFKA_OPTS: "-Dopt=3 -Dopt=4",
    LOG_DIR: logs,
  });
  const classPath = `${home}/libs/a.jar:${home}/libs/b.jar`;
  expect(options).toEqual(
    ["-Xmx7m", "-Xms7m", "-XX:+UseSerialGC", "-Xlog:gc", "-Djmx=1", `-Dkafka.logs.dir=${logs}`, "-Dlog=2"].concat([
      "-cp",
      classPath,
      "-Dopt=3",
      "-Dopt=4",
      "kafka.Kafka",
      "/p",
      "--override",
      "a=b",
    ]),
  );
});

test("invalid calls fail with a usage message", () => {
  const failing = (script: string, args: string[]) =>
    spawnSync(path.join(home, "bin", script), args, { encoding: "utf8" });
  expect(failing("kafka-run-class.sh", ["-daemon", "x"]).stderr).toMatch(/-daemon is not supported/);
  expect(failing("kafka-run-class.sh", []).stderr).toMatch(/^usage: /);
  expect(failing("kafka-server-start.sh", []).stderr).toMatch(/^usage: .*SERVER.PROPERTIES/);
  expect(failing("kafka-tool.sh", []).stderr).toMatch(/kafka-tool.sh is not a tool/);
});
