#!/bin/sh
# kafka-server-start.sh SERVER.PROPERTIES [--override NAME=VALUE]...: runs the broker, like the upstream script.
set -eu
if [ $# -eq 0 ]; then
  echo "usage: $0 SERVER.PROPERTIES [--override NAME=VALUE]..." >&2
  exit 1
fi
bin=$(dirname "$0")
export KAFKA_LOG4J_OPTS="${KAFKA_LOG4J_OPTS:--Dlog4j2.configurationFile=$bin/../config/log4j2.yaml}"
export KAFKA_HEAP_OPTS="${KAFKA_HEAP_OPTS:--Xmx1G -Xms1G}"
# An empty EXTRA_ARGS disables the garbage collection log.
# shellcheck disable=SC2086
exec "$bin/kafka-run-class.sh" ${EXTRA_ARGS--name kafkaServer -loggc} kafka.Kafka "$@"
