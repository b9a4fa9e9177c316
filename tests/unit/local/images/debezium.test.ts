import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

// The entry point with a stub worker that prints its arguments.
let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), "debezium-test-"));
  for (const folder of ["bin", "config", "config.orig"]) mkdirSync(path.join(home, folder));
  writeFileSync(path.join(home, "config.orig/log4j.properties"), "log4j.rootLogger=INFO, stdout\n");
  writeFileSync(
    path.join(home, "bin/connect-distributed.sh"),
    '#!/bin/sh\necho "$KAFKA_HEAP_OPTS" "$KAFKA_LOG4J_OPTS" "$@"\n',
  );
  chmodSync(path.join(home, "bin/connect-distributed.sh"), 0o755);
});
afterEach(() => rmSync(home, { recursive: true }));

const start = (env: Record<string, string>, ...command: string[]) =>
  spawnSync("sh", [path.join(__dirname, "../../../../local/images/debezium/docker-entrypoint.sh"), ...command], {
    env: { PATH: process.env.PATH, KAFKA_HOME: home, ADVERTISED_HOST_NAME: "here", ...env },
    encoding: "utf8",
  });
const topics = { CONFIG_STORAGE_TOPIC: "c", OFFSET_STORAGE_TOPIC: "o" };
const config = (name: string) => readFileSync(path.join(home, "config", name), "utf8");

test("environment variables become properties of the worker", () => {
  const { stdout, stderr } = start(
    { ...topics, BOOTSTRAP_SERVERS: "k:9092", HEAP_OPTS: "-Xmx9m", CONNECT_SASL_JAAS_CONFIG: 'x required a="b=c";' },
    "start",
  );
  expect(stderr).toBe("");
  const properties = path.join(home, "config/connect-distributed.properties");
  expect(stdout).toBe(`-Xmx9m -Dlog4j.configuration=file:${home}/config/log4j.properties ${properties}\n`);
  expect(config("connect-distributed.properties").trimEnd().split("\n")).toEqual(
    expect.arrayContaining([
      "bootstrap.servers=k:9092",
      "config.storage.topic=c",
      "offset.storage.topic=o",
      "status.storage.topic=connect-status",
      "group.id=1",
      'sasl.jaas.config=x required a="b=c";',
    ]),
  );
});

test("an existing configuration file is kept, and LOG_LEVEL is applied to it", () => {
  writeFileSync(path.join(home, "config/log4j.properties"), "mine=INFO, stdout\n");
  expect(start({ ...topics, LOG_LEVEL: "DEBUG" }, "start").status).toBe(0);
  expect(config("log4j.properties")).toBe("mine=DEBUG, stdout\n");
});

test("the worker does not start without its topic names", () => {
  const { status, stderr } = start({ CONFIG_STORAGE_TOPIC: "c" }, "start");
  expect(status).toBe(1);
  expect(stderr).toMatch(/OFFSET_STORAGE_TOPIC/);
});

test("any other command is executed unchanged", () => {
  expect(start({}, "echo", "a  b").stdout).toBe("a  b\n");
});
