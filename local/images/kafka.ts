import { BUSYBOX, type Image } from "./image.ts";
import { JAVA, javaEnvironment, javaLinks, javaSetup } from "./java.ts";

const APPUSER = { name: "appuser", uid: 1000, home: "/home/appuser", shell: "/bin/bash" };

const TOOLS = [
  "acls broker-api-versions cluster configs console-consumer console-producer consumer-groups consumer-perf-test",
  "delete-records dump-log features get-offsets leader-election log-dirs metadata-quorum producer-perf-test",
  "reassign-partitions storage topics transactions verifiable-consumer verifiable-producer",
].flatMap((line) => line.split(" "));

const ownedByAppuser = { mode: 0o755, owner: APPUSER.uid };

/** Kafka broker and command-line tools. */
export const kafka: Image = {
  reference: "local.bana/maven-kafka:4.1.1",
  upstream: "docker.io/apache/kafka:4.1.1",
  filesystem: {
    // The upstream image has bash, coreutils and procps in addition to BusyBox.
    debian: {
      ...JAVA,
      packages: [...BUSYBOX.packages, ...JAVA.packages, "bash", "coreutils", "procps"],
      onlyPaths: BUSYBOX.onlyPaths,
    },
    maven: { "/opt/kafka/libs": "kafka/pom.xml" },
    copies: { "/opt/kafka/bin": "kafka/bin", "/opt/kafka/config": "kafka/config" },
    users: [APPUSER],
    directories: {
      "/home/appuser": ownedByAppuser,
      "/opt/kafka/logs": ownedByAppuser,
      "/var/lib/kafka/data": ownedByAppuser,
      "/etc/kafka/secrets": ownedByAppuser,
      "/mnt/shared/config": ownedByAppuser,
    },
    links: {
      ...javaLinks,
      ...Object.fromEntries(TOOLS.map((name) => [`/opt/kafka/bin/kafka-${name}.sh`, "kafka-tool.sh"])),
    },
    setup: [BUSYBOX.setup, ...javaSetup, ["/opt/kafka/bin/archive-classes.sh"]],
  },
  // The upstream command would first generate a configuration from environment variables.
  config: {
    user: "appuser",
    command: ["/opt/kafka/bin/kafka-server-start.sh", "/mnt/shared/config/server.properties"],
    env: javaEnvironment,
  },
};
