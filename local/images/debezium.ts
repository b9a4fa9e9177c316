import { type Image, SHELL } from "./image.ts";
import { JAVA, javaEnvironment, javaLinks, javaSetup } from "./java.ts";

const KAFKA = { name: "kafka", id: 1001, home: "/kafka", shell: "/sbin/nologin" };

// Any user may write to them, as in the upstream's image.
const open = { mode: 0o777, owner: KAFKA.id };

/** A worker of Kafka Connect with Debezium's connector for PostgreSQL. */
export const debezium: Image = {
  reference: "local.bana/maven-debezium-connect:3.0",
  standsInFor: "docker.io/debezium/connect:3.0.0.Final",
  filesystem: {
    // The upstream's image is not Alpine's.
    debian: {
      ...JAVA,
      packages: [...SHELL, ...JAVA.packages, "bash", "curl", "findutils", "hostname", "procps"],
    },
    maven: {
      "/kafka/libs": "debezium/connect/pom.xml",
      "/kafka/connect/debezium-connector-postgres": "debezium/plugin/pom.xml",
    },
    copies: {
      "/docker-entrypoint.sh": "debezium/docker-entrypoint.sh",
      "/kafka/bin": "debezium/bin",
      "/kafka/bin/kafka-run-class.sh": "kafka/bin/kafka-run-class.sh",
      "/kafka/config.orig": "debezium/config",
    },
    users: [KAFKA],
    directories: Object.fromEntries(
      ["/kafka", "/kafka/config", "/kafka/connect", "/kafka/data", "/kafka/external_libs", "/kafka/logs"].map(
        (place) => [place, open],
      ),
    ),
    links: { ...javaLinks, "/usr/bin/awk": "mawk" },
    setup: javaSetup,
  },
  config: {
    user: "kafka",
    entrypoint: ["/docker-entrypoint.sh"],
    command: ["start"],
    workingDirectory: "/kafka",
    env: {
      ...javaEnvironment,
      KAFKA_HOME: "/kafka",
      KAFKA_DATA: "/kafka/data",
      KAFKA_VERSION: "3.8.0",
      DEBEZIUM_VERSION: "3.0.0.Final",
      KAFKA_CONNECT_PLUGINS_DIR: "/kafka/connect",
      EXTERNAL_LIBS_DIR: "/kafka/external_libs",
      CONNECT_PLUGIN_PATH: "/kafka/connect",
    },
  },
};
