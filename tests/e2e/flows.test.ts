import { captureInit } from "../../components/debezium/capture/endpoint.ts";
import { namespaces } from "../../components/names.ts";
import { flows } from "../../components/network/flows.ts";
import { type Specified, testFlows } from "./flow-matrix.ts";
import { application } from "./peers.ts";

const specified: Specified = [
  [
    ["nx-backend", "commerce", "ledger", "sale"],
    {
      ...{ "nx-backend": [3000], commerce: [3000], ledger: [3000], sale: [3000] },
      ...{ pgbouncer: [6432], primary: [5432], replica: [5432] },
      ...{ "nx-persistent": [5432, 6432], "cdc-init": [5432, 6432] },
      ...{ redis: [6379, 16379], kafka: [9092, 29092], "nx-broker": [6379, 9092, 16379, 29092] },
      ...{ typesense: [8108], "nx-search": [8108] },
    },
  ],
  [["commerce", "ledger"], { internet: [443] }],
  [["pgbouncer", "replica", "cdc-init"], { primary: [5432] }],
  [["primary"], { replica: [5432] }],
  [
    ["redis", "kafka", "nx-broker"],
    { redis: [6379, 16379], kafka: [9092, 9093, 29092], "nx-broker": [6379, 9092, 9093, 16379, 29092] },
  ],
  [
    ["typesense", "debezium", "nx-search"],
    { typesense: [8108], debezium: [8083], "nx-search": [8083, 8108], primary: [5432], kafka: [9092] },
  ],
];

testFlows(
  {
    rules: (settings) => ({ flows: flows(settings), namespaces, served: {} }),
    dummies: [
      ...["commerce", "ledger", "sale"].map((name) => application(name)),
      { kind: "cdc-init", namespace: captureInit.namespace, labels: captureInit.pods },
    ],
  },
  specified,
);
