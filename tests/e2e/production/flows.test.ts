import { captureInit } from "../../../components/debezium/capture/endpoint.ts";
import { registration } from "../../../components/debezium/endpoint.ts";
import { kafkaInit } from "../../../components/kafka/statefulset/endpoint.ts";
import { namespaces, operatorsNamespace } from "../../../components/names.ts";
import type { Endpoint } from "../../../components/network/endpoint.ts";
import { flows } from "../../../components/network/flows.ts";
import { database, initDatabase, storeCheck } from "../../../components/postgresql/cloudnative-pg/endpoints.ts";
import { redisBackup, redisInit, redisRestore } from "../../../components/redis/endpoint.ts";
import { type Specified, testFlows } from "../flow-matrix.ts";
import { typesenseBackup, typesenseRestore } from "../../../components/typesense/endpoint.ts";
import { application, type Dummy } from "../peers.ts";
import { clientImage } from "./cluster.ts";

const backend = ["nx-backend", "commerce", "ledger", "sale"];
const instances = ["primary", "replica"];
const operators = ["cloudnative-pg", "barman-cloud"];
const backupJobs = ["redis-backup", "redis-restore", "typesense-backup", "typesense-restore"];

const specified: Specified = [
  [
    backend,
    {
      ...{ "nx-backend": [3000], commerce: [3000], ledger: [3000], sale: [3000] },
      ...{ pooler: [5432], redis: [6379], kafka: [9092], typesense: [8108] },
    },
  ],
  [["commerce", "ledger"], { internet: [443] }],
  [["pooler", "init", "cdc-init"], { primary: [5432] }],
  [instances, { primary: [5432, 8000], replica: [5432, 8000] }],
  [["cloudnative-pg"], { primary: [5432, 8000], replica: [5432, 8000], "barman-cloud": [9090] }],
  [["redis"], { redis: [6379, 16379] }],
  [["redis-init", "redis-backup", "redis-restore"], { redis: [6379] }],
  [["kafka"], { kafka: [9092, 9093, 29092] }],
  [["kafka-init"], { kafka: [29092] }],
  [["registration"], { debezium: [8083] }],
  [["debezium"], { primary: [5432], kafka: [9092], debezium: [8083] }],
  [["typesense"], { typesense: [8107, 8108] }],
  [["typesense-backup"], { typesense: [8108, 8109] }],
  // The object store's namespace has its own policy, for clients of all namespaces.
  [[...instances, "store-check", ...backupJobs, "default"], { versitygw: [7070] }],
  // cluster.apiServer.cidrs has its default, all private addresses: pods in namespaces without policies are among them.
  [[...instances, "pooler", ...operators], { "API server": [6443], default: [443, 6443], "private network": [443] }],
  [["default"], { "cloudnative-pg": [9443] }],
];

/** A pod that gets the flows of an endpoint. */
const labelled = (kind: string, { namespace, pods }: Endpoint): Dummy => ({ kind, namespace, labels: pods });

const { all } = testFlows(
  {
    rules: (settings) => ({
      flows: flows(settings),
      namespaces: [...namespaces, operatorsNamespace],
      served: { "object-store": [7070] },
    }),
    dummies: [
      ...["commerce", "ledger", "sale"].map((name) => application(name)),
      labelled("init", initDatabase),
      labelled("cdc-init", captureInit),
      labelled("store-check", storeCheck),
      labelled("redis-init", redisInit),
      labelled("redis-backup", redisBackup),
      labelled("redis-restore", redisRestore),
      labelled("typesense-backup", typesenseBackup),
      labelled("typesense-restore", typesenseRestore),
      labelled("kafka-init", kafkaInit),
      labelled("registration", registration),
    ],
    client: { image: clientImage },
  },
  specified,
);

test("a pod in nx-backend reaches neither port 8000 of the instances nor the operators", () => {
  const tried = all().attempts.filter(
    ({ client, target: { end } }) =>
      client.namespace === "nx-backend" &&
      end !== undefined &&
      ((instances.includes(end.kind) && end.port === database.ports.status) || operators.includes(end.kind)),
  );
  const servers = new Set(tried.map(({ target }) => target.end?.kind));
  expect([...servers].sort()).toEqual([...instances, ...operators].sort());
  expect(new Set(tried.map(({ verdict }) => verdict))).toEqual(new Set(["closed"]));
});
