/** Types of resources that create pods, including custom resources of operators. */
export const podMakers: ReadonlySet<string> = new Set(
  [
    "core/v1:Pod",
    "core/v1:ReplicationController",
    "apps/v1:Deployment",
    "apps/v1:DaemonSet",
    "apps/v1:ReplicaSet",
    "apps/v1:StatefulSet",
    "batch/v1:CronJob",
    "batch/v1:Job",
    "postgresql.cnpg.io/v1:Cluster",
    "postgresql.cnpg.io/v1:Pooler",
    "kafka.strimzi.io/v1:Kafka",
    "kafka.strimzi.io/v1:KafkaBridge",
    "kafka.strimzi.io/v1:KafkaConnect",
    "kafka.strimzi.io/v1:KafkaMirrorMaker2",
    "kafka.strimzi.io/v1:KafkaNodePool",
  ].map((type) => `kubernetes:${type}`),
);
