import type { KafkaSettings, KafkaStrimziSettings, NodePool } from "../../../settings.ts";
import { metadataVersionOf } from "../../../settings.ts";
import { backend, search } from "../../network/ends.ts";
import { brokerNumbers } from "../broker-numbers.ts";
import { brokers } from "./endpoints.ts";
import { podTemplate, readOnlyContainer, restrictedContainer } from "./pod-template.ts";

/** Name of the ConfigMap with the metrics that the JMX exporters of brokers, controllers and Cruise Control serve. */
export const metrics = {
  name: "nx-kafka-metrics",
  kafka: "kafka-metrics.yaml",
  cruiseControl: "cruise-control-metrics.yaml",
};

/** Name of the `KafkaRebalance` that rebalances after a change of the number of brokers follow. */
export const rebalanceTemplate = "nx-kafka-rebalance";

/** Prefix of the Secrets that the user operator writes, so that no user's name makes it overwrite another Secret. */
export const operatorSecretPrefix = "strimzi-user-";

const exporter = (key: string) => ({
  metricsConfig: {
    type: "jmxPrometheusExporter",
    valueFrom: { configMapKeyRef: { name: metrics.name, key } },
  },
});

/** The specification's "Key Configuration". Strimzi gives it to brokers and controllers alike. */
function configuration(settings: KafkaSettings) {
  const numbers = brokerNumbers(settings);
  return {
    "offsets.topic.replication.factor": 3,
    "transaction.state.log.replication.factor": 3,
    "transaction.state.log.min.isr": 2,
    "default.replication.factor": 3,
    "min.insync.replicas": numbers.minInSyncReplicas,
    "num.partitions": numbers.partitions,
    "log.retention.hours": numbers.retentionHours,
    "log.retention.bytes": numbers.retentionBytes,
    "log.segment.bytes": numbers.segmentBytes,
    "message.max.bytes": numbers.maxMessageBytes,
    "socket.request.max.bytes": numbers.maxRequestBytes,
    "auto.create.topics.enable": false,
  };
}

/** Strimzi's images from a mirror. Without one, the operator's own apply. */
function images(registry: string | undefined, operator: string, kafkaVersion: string) {
  if (registry === undefined) return { kafka: {}, operators: {}, cruiseControl: {} };
  const kafka = `${registry}/quay.io/strimzi/kafka:${operator}-kafka-${kafkaVersion}`;
  const image = `${registry}/quay.io/strimzi/operator:${operator}`;
  return { kafka: { image: kafka, brokerRackInitImage: image }, operators: { image }, cruiseControl: { image: kafka } };
}

export interface KafkaClusterArgs {
  readonly settings: KafkaSettings;
  readonly strimzi: KafkaStrimziSettings;
  readonly pool: NodePool;
  /** Version of the operator. */
  readonly operator: string;
  /** Registry to prefix every image with. */
  readonly registry?: string | undefined;
  /** Digest of the pools. */
  readonly poolsChecksum: string;
}

/** `spec` of the `Kafka` object. */
export function kafkaCluster({ settings, strimzi, pool, operator, registry, poolsChecksum }: KafkaClusterArgs) {
  const { version, metadataVersion = metadataVersionOf(version) } = strimzi;
  const image = images(registry, operator, version);
  const pod = podTemplate(pool);
  return {
    kafka: {
      ...image.kafka,
      version,
      metadataVersion,
      listeners: [
        {
          name: "client",
          port: brokers.ports.client,
          type: "internal",
          tls: false,
          authentication: { type: "scram-sha-512" },
          // For an operator that makes policies although it should not: it would open the port to everybody.
          networkPolicyPeers: [backend, search].map(({ namespace }) => ({
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
          })),
        },
      ],
      authorization: { type: "simple" },
      rack: { type: "topology-label", topologyKey: strimzi.rackTopologyKey },
      config: configuration(settings),
      ...exporter(metrics.kafka),
      template: {
        podDisruptionBudget: { maxUnavailable: 1 },
        // On a change of a pool, nothing in this object's status would tell when the nodes have it. With the digest this
        // object changes too, in a Service and without effect on the nodes, and `observedGeneration` tells.
        bootstrapService: { metadata: { annotations: { "checksum/pools": poolsChecksum } } },
      },
    },
    entityOperator: {
      topicOperator: { ...image.operators, resources: strimzi.topicOperator },
      userOperator: { ...image.operators, resources: strimzi.userOperator, secretPrefix: operatorSecretPrefix },
      template: {
        pod,
        topicOperatorContainer: {
          ...readOnlyContainer,
          // A finalizer would keep a namespace from being deleted once the topic operator is gone.
          env: [{ name: "STRIMZI_USE_FINALIZERS", value: "false" }],
        },
        userOperatorContainer: readOnlyContainer,
      },
    },
    cruiseControl: {
      ...image.cruiseControl,
      resources: strimzi.cruiseControl,
      ...exporter(metrics.cruiseControl),
      template: { pod, cruiseControlContainer: restrictedContainer },
      autoRebalance: ["add-brokers", "remove-brokers"].map((mode) => ({ mode, template: { name: rebalanceTemplate } })),
    },
  };
}
