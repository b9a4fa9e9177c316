#!/bin/sh
# connect-distributed.sh CONNECT-DISTRIBUTED.PROPERTIES: runs a Kafka Connect worker, like the upstream script.
set -eu
if [ $# -eq 0 ]; then
  echo "usage: $0 CONNECT-DISTRIBUTED.PROPERTIES" >&2
  exit 1
fi
bin=$(dirname "$0")
export KAFKA_LOG4J_OPTS="${KAFKA_LOG4J_OPTS:--Dlog4j.configuration=file:$bin/../config/connect-log4j.properties}"
export KAFKA_HEAP_OPTS="${KAFKA_HEAP_OPTS:--Xms256M -Xmx2G}"
# shellcheck disable=SC2086
exec "$bin/kafka-run-class.sh" ${EXTRA_ARGS--name connectDistributed} \
  org.apache.kafka.connect.cli.ConnectDistributed "$@"
