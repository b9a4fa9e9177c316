import { BUSYBOX, type Image } from "./image.ts";
import { JAVA, javaEnvironment, javaLinks, javaSetup } from "./java.ts";

const APPUSER = { name: "appuser", id: 1000, home: "/home/appuser", shell: "/bin/bash" };

const TOOLS = [
  "acls broker-api-versions cluster configs console-consumer console-producer consumer-groups consumer-perf-test",
  "delete-records dump-log features get-offsets leader-election log-dirs metadata-quorum producer-perf-test",
  "reassign-partitions storage topics transactions verifiable-consumer verifiable-producer",
].flatMap((line) => line.split(" "));

const owned = { mode: 0o755, owner: APPUSER.id };

/** A Kafka broker and its command-line tools. */
export const kafka: Image = {
  reference: "local.bana/maven-kafka:4.1.1",
  standsInFor: "docker.io/apache/kafka:4.1.1",
  filesystem: {
    // The upstream's image has these three beside BusyBox.
    debian: {
      ...JAVA,
      packages: [...BUSYBOX.packages, ...JAVA.packages, "bash", "coreutils", "procps"],
      only: BUSYBOX.only,
    },
    maven: { "/opt/kafka/libs": "kafka/pom.xml" },
    copies: { "/opt/kafka/bin": "kafka/bin", "/opt/kafka/config": "kafka/config" },
    users: [APPUSER],
    directories: {
      "/home/appuser": owned,
      "/opt/kafka/logs": owned,
      "/var/lib/kafka/data": owned,
      "/etc/kafka/secrets": owned,
      "/mnt/shared/config": owned,
    },
    links: {
      ...javaLinks,
      ...Object.fromEntries(TOOLS.map((name) => [`/opt/kafka/bin/kafka-${name}.sh`, "kafka-tool.sh"])),
    },
    setup: [BUSYBOX.setup, ...javaSetup, ["/opt/kafka/bin/archive-classes.sh"]],
  },
  // The upstream's own command would make a configuration out of environment variables first.
  config: {
    user: "appuser",
    command: ["/opt/kafka/bin/kafka-server-start.sh", "/mnt/shared/config/server.properties"],
    env: javaEnvironment,
  },
};
