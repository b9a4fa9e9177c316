import { describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import path from "node:path";
import {
  capturedSchemas,
  connectorConfig,
  registrationPod,
  workerPod,
  workerProperties,
} from "../../../components/debezium/pods.ts";
import { restrictedJobPod, restrictedPod } from "../../../components/pod.ts";
import { debezium } from "../../../settings/debezium.ts";
import { shortcomings } from "../golden/invariants.ts";

type Asked = Parameters<typeof debezium.parse>[0];
type Template = Parameters<typeof shortcomings>[0];

const configOf = (asked: Asked) => connectorConfig(debezium.parse(asked));

/** Names of tables that the connector captures of those given; its expressions have to match the whole name. */
const capturedOf = (asked: Asked, ...tables: readonly string[]): string[] => {
  const expressions = (configOf(asked)["table.include.list"] ?? "").split(",").map((text) => new RegExp(`^(${text})$`));
  return tables.filter((table) => expressions.some((expression) => expression.test(table)));
};

describe("what is captured", () => {
  test("by default: all tables of the specification's schemas, and none of others", () => {
    const schemas = ["public", "pricing", "allocation", "inventory", "finance", "payment", "sale"];
    const tables = schemas.map((schema) => `${schema}.orders`);
    expect(capturedSchemas(debezium.parse({}))).toEqual(schemas);
    expect(capturedOf({}, ...tables, "debezium.heartbeat", "resale.orders", "sale2.orders")).toEqual(tables);
  });

  test("of a schema with a declared table: that table alone", () => {
    const capture = ["sale.orders", "sale.items", "finance"];
    const asked = ["sale.orders", "sale.items", "sale.orders2", "salexorders", "sale.drafts", "finance.any"];
    expect(capturedOf({ capture }, ...asked)).toEqual(["sale.orders", "sale.items", "finance.any"]);
    expect(capturedSchemas(debezium.parse({ capture }))).toEqual(["sale", "finance"]);
  });
});

describe("the connector's configuration", () => {
  const config = configOf({ topicPrefix: "shop", topicPartitions: 6 });

  test("names the login by reference, goes to the primary, and makes nothing in the database", () => {
    expect(config).toMatchObject({
      "database.user": "${secret:/credentials/postgresql:username}",
      "database.password": "${secret:/credentials/postgresql:password}",
      "database.hostname": "nx-postgresql-primary.nx-persistent.svc.cluster.local",
      "publication.autocreate.mode": "disabled",
    });
  });

  test("has the declared topics", () => {
    expect(config).toMatchObject({ "topic.prefix": "shop", "topic.creation.default.partitions": "6" });
  });

  test("is text only, as the worker wants it", () => {
    expect(Object.values(config).filter((value) => typeof value !== "string")).toEqual([]);
  });
});

describe("the worker's properties", () => {
  const template = path.resolve(import.meta.dirname, "../../../components/debezium/connect-distributed.properties");
  const properties = new Map(
    workerProperties(readFileSync(template, "utf8"), "a:9092,b:9092")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line): [string, string] => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );

  test.each(["", "admin.", "producer.", "consumer."])("let the clients with prefix %p log in by SCRAM", (prefix) => {
    expect(properties.get(`${prefix}security.protocol`)).toBe("SASL_PLAINTEXT");
    expect(properties.get(`${prefix}sasl.mechanism`)).toBe("SCRAM-SHA-512");
    expect(properties.get(`${prefix}sasl.jaas.config`)).toBe("${secret:/credentials/kafka:sasl.jaas.config}");
  });

  test.each(["config", "offset", "status"])("keep three copies of the topic of %s", (topic) => {
    expect(properties.get(`${topic}.storage.topic`)).toMatch(/^nx-debezium-/);
    expect(properties.get(`${topic}.storage.replication.factor`)).toBe("3");
  });

  test("name the brokers", () => {
    expect(properties.get("bootstrap.servers")).toBe("a:9092,b:9092");
  });
});

describe("the pods", () => {
  const common = { image: "debezium/connect:3.0.0.Final", pool: { nodeSelector: {}, tolerations: [] }, checksums: {} };

  test("run within restricted Pod Security", () => {
    const worker = workerPod({ ...common, settings: debezium.parse({}), kafkaSecret: "kafka" });
    expect(shortcomings(restrictedPod(worker) as Template)).toEqual([]);
    expect(shortcomings(restrictedJobPod(registrationPod(common)) as Template)).toEqual([]);
  });

  test("give the JVM the declared heap, in MiB", () => {
    const { env } = workerPod({ ...common, settings: debezium.parse({ heap: "1Gi" }), kafkaSecret: "kafka" }).container;
    expect(env).toMatchObject({ KAFKA_HEAP_OPTS: "-Xms1024m -Xmx1024m" });
  });
});

describe("settings that cannot be meant", () => {
  test.each<[string, object, RegExp]>([
    ["nothing to capture", { capture: [] }, /Too small|at least/],
    ["a table in a table", { capture: ["a.b.c"] }, /neither a SCHEMA nor a SCHEMA.TABLE/],
    ["a name in capitals", { capture: ["Sale"] }, /neither a SCHEMA nor a SCHEMA.TABLE/],
    ["a name that would be SQL", { capture: ["sale; drop table x"] }, /neither a SCHEMA nor a SCHEMA.TABLE/],
    ["a name that is too long", { capture: ["a".repeat(64)] }, /neither a SCHEMA nor a SCHEMA.TABLE/],
    ["a topic's name with a blank", { topicPrefix: "nx seller" }, /not the beginning of a topic's name/],
    ["no partition", { topicPartitions: 0 }, /Too small|below/],
    ["a heap that is no quantity", { heap: "512MB" }, /did you mean 512Mi/],
  ])("%s: refused", (_, asked, message) => {
    const { error } = debezium.safeParse(asked);
    expect(error?.issues.map((issue) => issue.message).join()).toMatch(message);
  });
});
