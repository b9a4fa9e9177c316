/** Connections with `cluster.clientPorts: authenticated`: clients reach only ports where they log in. */
import { debezium, registration } from "../debezium/endpoint.ts";
import { kafka, kafkaInit } from "../kafka/statefulset/endpoint.ts";
import { redis, redisInit } from "../redis/endpoint.ts";
import { peering, typesense } from "../typesense/endpoint.ts";
import type { Endpoint, Flow } from "./endpoint.ts";
import { backend, only } from "./ends.ts";

export const redisFlows: readonly Flow[] = [
  {
    from: backend,
    to: only(redis, "redis"),
    egress: "allow-egress-to-broker",
    ingress: "allow-redis-from-backend",
    reason: "Backend services use Redis.",
  },
  {
    from: redis,
    to: redis,
    egress: "allow-redis-internal",
    ingress: "allow-redis-internal",
    reason: "Redis nodes replicate, elect masters and move slots.",
  },
  {
    from: redisInit,
    to: only(redis, "redis"),
    egress: "allow-init-to-redis",
    ingress: "allow-redis-from-init",
    reason: "The init Job forms the cluster.",
  },
];

/** Kafka as a StatefulSet. */
export const kafkaFlows: readonly Flow[] = [
  {
    from: backend,
    to: only(kafka, "client"),
    egress: "allow-egress-to-broker",
    ingress: "allow-kafka-from-backend",
    reason: "Backend services use Kafka.",
  },
  {
    from: kafka,
    to: kafka,
    egress: "allow-kafka-internal",
    ingress: "allow-kafka-internal",
    reason: "Brokers replicate metadata and partitions.",
  },
  {
    from: kafkaInit,
    to: only(kafka, "internal"),
    egress: "allow-init-to-kafka",
    ingress: "allow-kafka-from-init",
    reason: "The init Jobs create topics and users.",
  },
];

/** Ends of capture that another implementation changes. */
export interface SearchEnds {
  readonly primary: Endpoint;
  readonly brokers: Endpoint;
  /** Nodes of Typesense. */
  readonly nodes: number;
  /** Workers of Kafka Connect. */
  readonly workers: number;
}

export const searchFlows = ({ primary, brokers, nodes, workers }: SearchEnds): readonly Flow[] => [
  {
    from: backend,
    to: typesense,
    egress: "allow-egress-to-search",
    ingress: "allow-typesense-from-backend",
    reason: "Backend services search and index documents.",
  },
  {
    from: registration,
    to: debezium,
    egress: "allow-registration-to-debezium",
    ingress: "allow-debezium-from-registration",
    reason: "The registration Job configures the connector through Kafka Connect's REST API.",
  },
  {
    from: debezium,
    to: primary,
    egress: "egress-nx-search",
    ingress: "allow-from-search",
    reason: "Debezium reads the primary's logical replication slot.",
  },
  {
    from: debezium,
    to: brokers,
    egress: "egress-nx-search",
    ingress: "allow-from-search",
    reason: "Debezium writes captured changes to Kafka.",
  },
  ...(workers > 1
    ? [
        {
          from: debezium,
          to: debezium,
          egress: "allow-debezium-internal",
          ingress: "allow-debezium-internal",
          reason: "A worker of Kafka Connect passes requests on to the group's leader.",
        },
      ]
    : []),
  ...(nodes > 1
    ? [
        {
          from: typesense,
          to: { ...typesense, ports: { ...typesense.ports, ...peering.ports } },
          egress: "allow-typesense-peering",
          ingress: "allow-typesense-peering",
          reason: "Several nodes replicate with Raft; a follower passes writes on to the leader.",
        },
      ]
    : []),
];
