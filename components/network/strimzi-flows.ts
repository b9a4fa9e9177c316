import type { Settings } from "../../settings.ts";
import { agent, brokers, cruiseControl, entityOperator, kafkaNodes } from "../kafka/strimzi/endpoints.ts";
import { strimzi, strimziOperatorOf } from "../operators/endpoints.ts";
import { redis } from "../redis/endpoint.ts";
import type { Endpoint, Flow, ForeignPods } from "./endpoint.ts";
import { allPods, apiServer, backend, only } from "./ends.ts";

export interface StrimziFlowSettings {
  readonly cluster: Pick<Settings["cluster"], "apiServer">;
  readonly operators: Settings["operators"];
}

const redisNodes = allPods("nx-broker", redis.ports);

/** Connections of Redis next to Kafka on Strimzi: the specification's rules name its namespace. */
export const redisFlowsBesideStrimzi: readonly Flow[] = [
  {
    from: backend,
    to: redisNodes,
    egress: "allow-egress-to-broker",
    ingress: "allow-from-backend",
    reason: "Backend services use Redis.",
  },
  {
    from: redisNodes,
    to: redisNodes,
    egress: "allow-broker-internal",
    ingress: "allow-from-backend",
    reason: "Redis nodes and their init Jobs communicate with each other.",
  },
];

/**
 * Connections of Kafka on Strimzi. The operator's own policies are off (STRIMZI_NETWORK_POLICY_GENERATION), so that
 * these are all. Its pods answer the kubelet's probes without a line here: policies do not apply to traffic from a
 * pod's own node.
 */
export const strimziFlows = (settings: StrimziFlowSettings): readonly Flow[] => [
  {
    from: backend,
    to: brokers,
    egress: "allow-egress-to-broker",
    ingress: "allow-kafka-from-backend",
    reason: "Backend services use Kafka, at the listener where they log in.",
  },
  {
    from: kafkaNodes,
    to: kafkaNodes,
    egress: "allow-kafka-internal",
    ingress: "allow-kafka-internal",
    reason:
      "Brokers and controllers replicate metadata and partitions. Without the replication port, all is Ready and no partition has its replicas.",
  },
  {
    from: kafkaNodes,
    to: apiServer(settings),
    egress: "allow-kafka-to-api-server",
    reason: "Brokers and controllers read their certificates from Secrets, and brokers their node's zone.",
  },
  {
    from: entityOperator,
    to: only(kafkaNodes, "replication"),
    egress: "allow-entity-operator-to-kafka",
    ingress: "allow-kafka-from-entity-operator",
    reason: "The topic and the user operator create topics, users and their access.",
  },
  {
    from: entityOperator,
    to: cruiseControl,
    egress: "allow-entity-operator-to-cruise-control",
    ingress: "allow-cruise-control-from-entity-operator",
    reason: "The topic operator has Cruise Control change the number of a topic's replicas.",
  },
  {
    from: entityOperator,
    to: apiServer(settings),
    egress: "allow-entity-operator-to-api-server",
    reason: "The topic and the user operator watch their objects.",
  },
  {
    from: cruiseControl,
    to: only(kafkaNodes, "replication"),
    egress: "allow-cruise-control-to-kafka",
    ingress: "allow-kafka-from-cruise-control",
    reason: "Cruise Control reads the brokers' load, and moves partitions.",
  },
  ...fromOperator(strimziOperatorOf(settings)),
  ...(settings.operators.strimzi.mode === "install"
    ? [
        {
          from: strimzi,
          to: apiServer(settings),
          egress: "allow-operator-to-api-server",
          reason: "The operator watches its objects, and creates pods, Services and Secrets.",
        },
      ]
    : []),
];

/** The operator's connections; of an operator that is not ours, only the policies at its pods. */
function fromOperator(operator: Endpoint | ForeignPods): readonly Flow[] {
  const flow = (to: Endpoint, ingress: string, egress: string, reason: string): Flow =>
    "namespace" in operator ? { from: operator, to, ingress, egress, reason } : { from: operator, to, ingress, reason };
  return [
    flow(
      kafkaNodes,
      "allow-kafka-from-operator",
      "allow-operator-to-kafka",
      "The operator configures the brokers, and asks the quorum before it restarts a node.",
    ),
    flow(
      agent,
      "allow-kafka-from-operator",
      "allow-operator-to-kafka",
      "The operator asks the agent of a node that does not become ready for its state.",
    ),
    flow(
      cruiseControl,
      "allow-cruise-control-from-operator",
      "allow-operator-to-cruise-control",
      "The operator asks Cruise Control for a rebalance when brokers are added or removed.",
    ),
  ];
}
