import { type Image, SHELL } from "./image.ts";
import { JAVA, javaEnvironment, javaLinks, javaSetup } from "./java.ts";

const KAFKA_USER = { name: "kafka", uid: 1001, home: "/kafka", shell: "/sbin/nologin" };

// Writable by every user, as in the upstream image.
const writableByAll = { mode: 0o777, owner: KAFKA_USER.uid };

/** Kafka Connect worker with the Debezium PostgreSQL connector. */
export const debezium: Image = {
  reference: "local.bana/maven-debezium-connect:3.0",
  upstream: "docker.io/debezium/connect:3.0.0.Final",
  filesystem: {
    // GNU tools: the upstream image is not based on Alpine.
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
    users: [KAFKA_USER],
    directories: Object.fromEntries(
      ["/kafka", "/kafka/config", "/kafka/connect", "/kafka/data", "/kafka/external_libs", "/kafka/logs"].map(
        (directory) => [directory, writableByAll],
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
