import type { Endpoint } from "../../network/endpoint.ts";

/** Name of the `Kafka` object. The operator derives its objects' names from it and from the pools' names. */
export const cluster = "nx";

/** Pools of nodes. The brokers' pods are then named as those of the StatefulSet: `nx-kafka-0`. */
export const pools = { brokers: "kafka", controllers: "controller" } as const;

const namespace = "nx-broker";

/** The pods carry the operator's labels, which their selectors and ours share. */
const nodes = { "strimzi.io/name": `${cluster}-kafka` };

/** What clients reach. */
export const brokers = {
  namespace,
  pods: { ...nodes, "strimzi.io/pool-name": pools.brokers },
  ports: { client: 9092 },
} as const satisfies Endpoint;

/** Brokers and controllers among themselves, with mutual TLS. Only brokers listen on `replication`. */
export const kafkaNodes = {
  namespace,
  pods: nodes,
  ports: { control: 9090, replication: 9091 },
} as const satisfies Endpoint;

/** The agent in each node's pod: the operator asks it, with mutual TLS, about a node that does not become ready. */
export const agent = { namespace, pods: nodes, ports: { agent: 8443 } } as const satisfies Endpoint;

/** The topic and the user operator, in one pod. */
export const entityOperator = {
  namespace,
  pods: { "strimzi.io/name": `${cluster}-entity-operator` },
  ports: {},
} as const satisfies Endpoint;

export const cruiseControl = {
  namespace,
  pods: { "strimzi.io/name": `${cluster}-cruise-control` },
  ports: { api: 9090 },
} as const satisfies Endpoint;
