import { captureInit } from "../../../components/debezium/capture/endpoint.ts";
import { namespaces, operatorsNamespace } from "../../../components/names.ts";
import { flows } from "../../../components/network/flows.ts";
import { database, initDatabase, storeCheck } from "../../../components/postgresql/cloudnative-pg/endpoints.ts";
import { type Specified, testFlows } from "../flow-matrix.ts";
import { application } from "../peers.ts";
import { clientImage } from "./cluster.ts";

const backend = ["nx-backend", "commerce", "ledger", "sale"];
const broker = ["redis", "kafka", "nx-broker"];
const search = ["typesense", "debezium", "nx-search"];
const instances = ["primary", "replica"];
const operators = ["cloudnative-pg", "barman-cloud"];

const specified: Specified = [
  [
    backend,
    {
      ...{ "nx-backend": [3000], commerce: [3000], ledger: [3000], sale: [3000] },
      ...{ pooler: [5432], primary: [5432], replica: [5432] },
      ...{ "nx-persistent": [5432], init: [5432], "cdc-init": [5432], "store-check": [5432] },
      ...{ redis: [6379, 16379], kafka: [9092, 29092], "nx-broker": [6379, 9092, 16379, 29092] },
      ...{ typesense: [8108], "nx-search": [8108] },
    },
  ],
  [["commerce", "ledger"], { internet: [443] }],
  [["pooler", "init", "cdc-init"], { primary: [5432] }],
  [instances, { primary: [5432, 8000], replica: [5432, 8000] }],
  [["cloudnative-pg"], { primary: [5432, 8000], replica: [5432, 8000], "barman-cloud": [9090] }],
  [broker, { redis: [6379, 16379], kafka: [9092, 9093, 29092], "nx-broker": [6379, 9092, 9093, 16379, 29092] }],
  [search, { typesense: [8108], debezium: [8083], "nx-search": [8083, 8108], primary: [5432], kafka: [9092] }],
  [["typesense"], { typesense: [8107] }],
  // The object store's namespace has its own policy, for clients of all namespaces.
  [[...instances, "store-check", "default"], { versitygw: [7070] }],
  // cluster.apiServer.cidrs has its default, all private addresses: pods in namespaces without policies are among them.
  [[...instances, "pooler", ...operators], { "API server": [6443], default: [443, 6443], "private network": [443] }],
  [["default"], { "cloudnative-pg": [9443] }],
];

const { all } = testFlows(
  {
    rules: (settings) => ({
      flows: flows(settings),
      namespaces: [...namespaces, operatorsNamespace],
      served: { "object-store": [7070] },
    }),
    dummies: [
      ...["commerce", "ledger", "sale"].map((name) => application(name)),
      { kind: "init", namespace: initDatabase.namespace, labels: initDatabase.pods },
      { kind: "cdc-init", namespace: captureInit.namespace, labels: captureInit.pods },
      { kind: "store-check", namespace: storeCheck.namespace, labels: storeCheck.pods },
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
