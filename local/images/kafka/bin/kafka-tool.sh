#!/bin/sh
# Kafka's command-line tools: each upstream name is a link to this script, which selects the tool's class.
set -eu
case ${0##*/} in
  kafka-acls.sh) class=org.apache.kafka.tools.AclCommand ;;
  kafka-broker-api-versions.sh) class=org.apache.kafka.tools.BrokerApiVersionsCommand ;;
  kafka-cluster.sh) class=org.apache.kafka.tools.ClusterTool ;;
  kafka-configs.sh) class=kafka.admin.ConfigCommand ;;
  kafka-console-consumer.sh) class=org.apache.kafka.tools.consumer.ConsoleConsumer heap=-Xmx512M ;;
  kafka-console-producer.sh) class=org.apache.kafka.tools.ConsoleProducer heap=-Xmx512M ;;
  kafka-consumer-groups.sh) class=org.apache.kafka.tools.consumer.group.ConsumerGroupCommand ;;
  kafka-consumer-perf-test.sh) class=org.apache.kafka.tools.ConsumerPerformance heap=-Xmx512M ;;
  kafka-delete-records.sh) class=org.apache.kafka.tools.DeleteRecordsCommand ;;
  kafka-dump-log.sh) class=kafka.tools.DumpLogSegments ;;
  kafka-features.sh) class=org.apache.kafka.tools.FeatureCommand ;;
  kafka-get-offsets.sh) class=org.apache.kafka.tools.GetOffsetShell ;;
  kafka-leader-election.sh) class=org.apache.kafka.tools.LeaderElectionCommand ;;
  kafka-log-dirs.sh) class=org.apache.kafka.tools.LogDirsCommand ;;
  kafka-metadata-quorum.sh) class=org.apache.kafka.tools.MetadataQuorumCommand ;;
  kafka-producer-perf-test.sh) class=org.apache.kafka.tools.ProducerPerformance heap=-Xmx512M ;;
  kafka-reassign-partitions.sh) class=org.apache.kafka.tools.reassign.ReassignPartitionsCommand ;;
  kafka-storage.sh) class=kafka.tools.StorageTool ;;
  kafka-topics.sh) class=org.apache.kafka.tools.TopicCommand ;;
  kafka-transactions.sh) class=org.apache.kafka.tools.TransactionsCommand ;;
  kafka-verifiable-consumer.sh) class=org.apache.kafka.tools.VerifiableConsumer heap=-Xmx512M ;;
  kafka-verifiable-producer.sh) class=org.apache.kafka.tools.VerifiableProducer heap=-Xmx512M ;;
  *)
    echo "${0##*/} is not a tool of this image" >&2
    exit 2
    ;;
esac
export KAFKA_HEAP_OPTS="${KAFKA_HEAP_OPTS:-${heap:--Xmx256M}}"
exec "$(dirname "$0")/kafka-run-class.sh" "$class" "$@"
