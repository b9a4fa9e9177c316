import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Connection } from "../../../components/contract/connection.ts";
import type { Credential } from "../../../components/contract/credential.ts";
import type { KafkaStore } from "../../../components/contract/stores.ts";
import { merged } from "../../../components/shared-config.ts";
import { planOf } from "../golden/plan.ts";

const components = path.resolve(import.meta.dirname, "../../../components");
const program = path.resolve(components, "../program.ts");
const stores = ["debezium", "kafka", "postgresql", "redis", "typesense"];

/** The first folder of a path below components/. */
const folderOf = (file: string) => path.relative(components, file).split(path.sep)[0] ?? "";

test("nothing outside a store's folder imports from it, except the layer, and the flows its endpoints", () => {
  const files = readdirSync(components, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map(({ parentPath, name }) => path.join(parentPath, name));
  const forbidden = [...files, program].flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/from "(\.[^"]+)"/g)].flatMap(([, specifier = ""]) => {
      const target = path.resolve(path.dirname(file), specifier);
      const store = folderOf(target);
      if (!stores.includes(store) || folderOf(file) === store || folderOf(file) === "data-layer.ts") return [];
      if (folderOf(file) === "network" && /^endpoints?\.ts$/.test(path.basename(target))) return [];
      return [`${path.relative(components, file)} imports ${path.relative(components, target)}`];
    }),
  );
  expect(files.length).toBeGreaterThan(30);
  expect(forbidden).toEqual([]);
});

/** Another Kafka, which runs nowhere. */
class ExternalKafka extends pulumi.ComponentResource implements KafkaStore {
  readonly bootstrapServers = "kafka.example.com:9094";
  readonly saslMechanism = "SCRAM-SHA-256";
  readonly application = this.user("nx.application");
  readonly usersReady = this;
  readonly connections: readonly Connection[] = [];
  readonly sharedVariables = { plain: { APP_ENV_KAFKA_BROKERS: this.bootstrapServers }, secret: {} };

  constructor(name: string, _: object, opts?: pulumi.ComponentResourceOptions) {
    super("test:data:ExternalKafka", name, {}, opts);
    this.registerOutputs();
  }

  user(username: string): Credential {
    const checksum = pulumi.output("checksum");
    return { username, namespace: "nx-search", secretName: "external-kafka", password: pulumi.output("x"), checksum };
  }
}

test("another implementation of Kafka works with the other components unchanged", async () => {
  jest.doMock("../../../components/kafka/statefulset/kafka.ts", () => ({ Kafka: ExternalKafka }));
  const { resources, outputs } = await planOf("staging");
  expect(outputs["kafkaBrokers"]).toBe("kafka.example.com:9094");
  const inputsOf = (kind: string, name: string) =>
    resources.find((resource) => resource.type.endsWith(`:${kind}`) && resource.name === name)?.inputs;
  const shared = inputsOf("ConfigMap", "shared-config") as { data: Record<string, string> };
  expect(shared.data).toMatchObject({ APP_ENV_KAFKA_BROKERS: "kafka.example.com:9094" });
  const worker = inputsOf("ConfigMap", "nx-debezium") as { data: Record<string, string> };
  expect(worker.data["connect-distributed.properties"]).toContain("bootstrap.servers=kafka.example.com:9094");
  expect(worker.data["connect-distributed.properties"]).toContain("sasl.mechanism=SCRAM-SHA-256");
  expect(JSON.stringify(inputsOf("Deployment", "nx-debezium"))).toContain('"secretName":"external-kafka"');
  expect(resources.filter(({ component }) => component === "nx-kafka")).toEqual([]);
}, 60_000);

test("two stores that set the same shared variable are an error", () => {
  expect(() => merged([{ A: "1", B: "2" }, { B: "2" }])).toThrow("two stores set the shared variable B");
  expect(merged([{ A: "1" }, { B: "2" }])).toEqual({ A: "1", B: "2" });
});
