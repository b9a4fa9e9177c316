import { kafka } from "../kafka/statefulset/endpoint.ts";
import { redis } from "../redis/endpoint.ts";
import type { Flow } from "./endpoint.ts";
import { allPods, backend, only } from "./ends.ts";

const broker = allPods("nx-broker", { ...redis.ports, ...kafka.ports });

/** Connections of Kafka as a StatefulSet, and of Redis next to it: the specification's rules name their namespace. */
export const statefulSetKafkaFlows: readonly Flow[] = [
  {
    from: backend,
    to: only(broker, "redis", "cluster-bus", "internal", "client"),
    egress: "allow-egress-to-broker",
    ingress: "allow-from-backend",
    reason: "Backend services use Redis and Kafka, without the KRaft controllers, which have no authentication.",
  },
  {
    from: broker,
    to: broker,
    egress: "allow-broker-internal",
    ingress: "allow-from-backend",
    reason: "Redis nodes, Kafka brokers and their init Jobs communicate with each other.",
  },
];
