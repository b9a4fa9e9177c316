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
import { captureMemory, largestEvent, smallestHeap } from "../../../settings/capture-memory.ts";
import { debezium } from "../../../settings/debezium.ts";
import { parseQuantity } from "../../../settings/quantity.ts";
import { shortcomings } from "../golden/invariants.ts";

type Input = Parameters<typeof debezium.parse>[0];
type Template = Parameters<typeof shortcomings>[0];

const primary = { host: "nx-postgresql-primary.nx-persistent.svc.cluster.local", port: 5432 };

const configOf = (input: Input) =>
  connectorConfig(debezium.parse(input), { primary, database: "nx_seller_core", logName: "nx-postgresql" });

/** Those of the given tables that the connector captures: its regular expressions must match the whole name. */
const capturedOf = (input: Input, ...tables: readonly string[]): string[] => {
  const expressions = (configOf(input)["table.include.list"] ?? "").split(",").map((text) => new RegExp(`^(${text})$`));
  return tables.filter((table) => expressions.some((expression) => expression.test(table)));
};

describe("capture", () => {
  test("includes all tables of the specification's schemas by default", () => {
    const schemas = ["public", "pricing", "allocation", "inventory", "finance", "payment", "sale"];
    const tables = schemas.map((schema) => `${schema}.orders`);
    expect(capturedSchemas(debezium.parse({}))).toEqual(schemas);
    expect(capturedOf({}, ...tables, "debezium.heartbeat", "resale.orders", "sale2.orders")).toEqual(tables);
  });

  test("includes only the declared tables of a schema", () => {
    const capture = ["sale.orders", "sale.items", "finance"];
    const tables = ["sale.orders", "sale.items", "sale.orders2", "salexorders", "sale.drafts", "finance.any"];
    expect(capturedOf({ capture }, ...tables)).toEqual(["sale.orders", "sale.items", "finance.any"]);
    expect(capturedSchemas(debezium.parse({ capture }))).toEqual(["sale", "finance"]);
  });
});

describe("the connector's configuration", () => {
  const config = configOf({ topicPrefix: "shop", topicPartitions: 6 });

  test("reads the login from a Secret, connects to the primary, and does not create the publication", () => {
    expect(config).toMatchObject({
      "database.user": "${secret:/credentials/postgresql:username}",
      "database.password": "${secret:/credentials/postgresql:password}",
      "database.hostname": "nx-postgresql-primary.nx-persistent.svc.cluster.local",
      "publication.autocreate.mode": "disabled",
    });
  });

  test("has the declared topic prefix and partitions", () => {
    expect(config).toMatchObject({ "topic.prefix": "shop", "topic.creation.default.partitions": "6" });
  });

  test("stops at an event that cannot be sent, or skips it, but waits for Kafka in any case", () => {
    expect(config).not.toHaveProperty("errors.tolerance");
    expect(configOf({ badEvents: "skip" })).toMatchObject({
      "errors.tolerance": "all",
      "event.processing.failure.handling.mode": "warn",
      "producer.override.delivery.timeout.ms": "2147483647",
    });
  });

  test("contains only strings, as Kafka Connect requires", () => {
    expect(Object.values(config).filter((value) => typeof value !== "string")).toEqual([]);
  });
});

describe("the worker's properties", () => {
  const template = path.resolve(import.meta.dirname, "../../../components/debezium/connect-distributed.properties");
  const properties = new Map(
    workerProperties(readFileSync(template, "utf8"), debezium.parse({ compression: "zstd", maxEventSize: "16Mi" }), {
      bootstrapServers: "a:9092,b:9092",
      saslMechanism: "SCRAM-SHA-512",
    })
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line): [string, string] => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );

  test.each(["", "admin.", "producer.", "consumer."])("make clients with prefix %p log in with SCRAM", (prefix) => {
    expect(properties.get(`${prefix}security.protocol`)).toBe("SASL_PLAINTEXT");
    expect(properties.get(`${prefix}sasl.mechanism`)).toBe("SCRAM-SHA-512");
    expect(properties.get(`${prefix}sasl.jaas.config`)).toBe("${secret:/credentials/kafka:sasl.jaas.config}");
  });

  test.each(["config", "offset", "status"])("set replication factor 3 for the %s topic", (topic) => {
    expect(properties.get(`${topic}.storage.topic`)).toMatch(/^nx-debezium-/);
    expect(properties.get(`${topic}.storage.replication.factor`)).toBe("3");
  });

  test("contain the brokers", () => {
    expect(properties.get("bootstrap.servers")).toBe("a:9092,b:9092");
  });

  test("let the producer send the largest event, with the declared codec", () => {
    expect(properties.get("producer.max.request.size")).toBe(String(16 * 2 ** 20));
    expect(Number(properties.get("producer.buffer.memory"))).toBeGreaterThan(16 * 2 ** 20);
    expect(properties.get("producer.compression.type")).toBe("zstd");
  });
});

describe("the memory of events", () => {
  test("is a share of the heap, in bytes as well as in events", () => {
    expect(configOf({ heap: "320Mi", maxEventSize: "12Mi" })).toMatchObject({
      "max.queue.size.in.bytes": String(16 * 2 ** 20),
      "max.queue.size": "8192",
      "max.batch.size": "2048",
    });
    expect(configOf({ heap: "128Mi", maxEventSize: "1Mi" })).toMatchObject({
      "max.queue.size.in.bytes": String(Math.floor((128 * 2 ** 20) / 20)),
      "max.queue.size": "3276",
      "max.batch.size": "819",
    });
  });

  test.each([
    ["64Mi", "1120Mi"],
    ["20Mi", "416Mi"],
    ["1Mi", "112Mi"],
  ])("leaves room for the copies of an event of %s in the smallest heap for it", (maxEventSize, enough) => {
    const heap = smallestHeap(maxEventSize);
    const { queueBytes, producerBytes } = captureMemory({ heap, maxEventSize });
    const event = parseQuantity(maxEventSize) ?? 0;
    // the queue and a batch, each with one event above its limit; one event read and one encoded, with two copies each
    const used = 2 * Math.max(queueBytes, event) + 4 * event + producerBytes;
    expect(used).toBeLessThan((parseQuantity(heap) ?? 0) - 64 * 2 ** 20);
    expect(parseQuantity(heap)).toBeLessThanOrEqual(parseQuantity(enough) ?? 0);
    expect(largestEvent(heap)).toBe(maxEventSize);
  });
});

describe("events", () => {
  test("contain numbers as text by default, and a truncate is one", () => {
    expect(configOf({})).toMatchObject({ "decimal.handling.mode": "string", "skipped.operations": "none" });
    expect(configOf({ numericFormat: "precise" })).toMatchObject({ "decimal.handling.mode": "precise" });
  });
});

describe("the pods", () => {
  const common = { image: "debezium/connect:3.0.0.Final", pool: { nodeSelector: {}, tolerations: [] }, checksums: {} };

  test("satisfy restricted Pod Security", () => {
    const worker = workerPod({ ...common, settings: debezium.parse({}), kafkaSecret: "kafka" });
    expect(shortcomings(restrictedPod(worker) as Template)).toEqual([]);
    expect(shortcomings(restrictedJobPod(registrationPod(common)) as Template)).toEqual([]);
  });

  test("set the declared JVM heap, in MiB", () => {
    const { env } = workerPod({ ...common, settings: debezium.parse({ heap: "1Gi" }), kafkaSecret: "kafka" }).container;
    expect(env).toMatchObject({ KAFKA_HEAP_OPTS: "-Xms1024m -Xmx1024m" });
  });

  test("end when the worker is out of memory", () => {
    const { env } = workerPod({ ...common, settings: debezium.parse({}), kafkaSecret: "kafka" }).container;
    expect(env?.["KAFKA_OPTS"]).toContain("-XX:+ExitOnOutOfMemoryError");
  });
});

describe("invalid settings", () => {
  test.each<[string, object, RegExp]>([
    ["no schema to capture", { capture: [] }, /Too small|at least/],
    ["a name with three parts", { capture: ["a.b.c"] }, /neither SCHEMA nor SCHEMA.TABLE/],
    ["a name in capitals", { capture: ["Sale"] }, /neither SCHEMA nor SCHEMA.TABLE/],
    ["an SQL injection", { capture: ["sale; drop table x"] }, /neither SCHEMA nor SCHEMA.TABLE/],
    ["a name that is too long", { capture: ["a".repeat(64)] }, /neither SCHEMA nor SCHEMA.TABLE/],
    ["a topic prefix with a space", { topicPrefix: "nx seller" }, /is not a topic prefix/],
    ["zero partitions", { topicPartitions: 0 }, /Too small|below/],
    ["an unknown codec", { compression: "brotli" }, /gzip/],
    ["an unknown form of numbers", { numericFormat: "text" }, /string/],
    ["an event size below a page of text", { maxEventSize: "1Ki" }, /below the minimum of 64Ki/],
    ["a heap that is not a quantity", { heap: "512MB" }, /did you mean 512Mi/],
  ])("refuses %s", (_, settings, message) => {
    const { error } = debezium.safeParse(settings);
    expect(error?.issues.map((issue) => issue.message).join()).toMatch(message);
  });
});
