import { describe, expect, test } from "@jest/globals";
import type { Flow } from "../../../components/network/endpoint.ts";
import { flows } from "../../../components/network/flows.ts";
import { policiesFor } from "../../../components/network/policies.ts";
import { settingsSchema } from "../../../settings/schema.ts";

const authenticated = (given: object = {}) =>
  flows(settingsSchema.parse({ cluster: { context: "any", clientPorts: "authenticated" }, ...given }));

/** Namespace and name of the pods; the namespace alone for all of its pods. */
const end = (side: Flow["from"] | Flow["to"]): string => {
  if (!("namespace" in side && "pods" in side)) return "other";
  return [side.namespace, ...Object.values(side.pods)].join("/");
};

/** What the flows open between our namespaces. */
const opened = (table: readonly Flow[]): string[] =>
  table
    .filter((flow) => "ingress" in flow)
    .map(
      ({ from, to }) =>
        `${end(from)} -> ${end(to)} ${Object.values(to.ports)
          .sort((a, b) => a - b)
          .join(", ")}`,
    );

describe("with authenticated ports", () => {
  test("clients reach where they log in, and pods of a store each other", () => {
    expect(opened(authenticated({ typesense: { replicas: 3 }, debezium: { workers: 2 } }))).toEqual([
      "nx-backend -> nx-persistent/pgbouncer 6432",
      "nx-persistent/pgbouncer -> nx-persistent/postgresql/primary 5432",
      "nx-persistent/postgresql -> nx-persistent/postgresql 5432",
      "nx-persistent/postgresql-cdc-init -> nx-persistent/postgresql/primary 5432",
      "nx-backend -> nx-broker/redis 6379",
      "nx-broker/redis -> nx-broker/redis 6379, 16379",
      "nx-broker/nx-redis-cluster-init -> nx-broker/redis 6379",
      "nx-backend -> nx-broker/kafka 9092",
      "nx-broker/kafka -> nx-broker/kafka 9092, 9093, 29092",
      "nx-broker/kafka-init -> nx-broker/kafka 29092",
      "nx-backend -> nx-search/typesense 8108",
      "nx-search/nx-debezium-init -> nx-search/debezium 8083",
      "nx-search/debezium -> nx-persistent/postgresql/primary 5432",
      "nx-search/debezium -> nx-broker/kafka 9092",
      "nx-search/debezium -> nx-search/debezium 8083",
      "nx-search/typesense -> nx-search/typesense 8107, 8108",
      "nx-backend -> nx-backend 3000",
    ]);
  });

  test.each([
    ["StatefulSets", 6432, {}],
    ["CloudNativePG", 5432, { postgresql: { implementation: "cloudnative-pg", backup: { enabled: false } } }],
    [
      "Strimzi",
      6432,
      {
        kafka: { implementation: "strimzi" },
        operators: { strimzi: { mode: "install", sha256: "0".repeat(64) } },
      },
    ],
  ])("%s: backend services reach no port that needs no login", (_, pooler, given) => {
    const table = authenticated(given);
    expect(policiesFor(table).length).toBeGreaterThan(0);
    const reached = opened(table).filter((line) => line.startsWith("nx-backend -> "));
    expect(reached.map((line) => line.split(" ").at(-1))).toEqual([String(pooler), "6379", "9092", "8108", "3000"]);
  });
});
