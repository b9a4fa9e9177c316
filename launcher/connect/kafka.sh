# [TOOL ARGUMENT...] in a pod of Kafka: one of its tools, at the listener between brokers, which asks for no password; a shell without.
# shellcheck shell=sh
export PATH="/opt/kafka/bin:$PATH" KAFKA="localhost:$INTERNAL_PORT"
# Not the broker's: its memory is that of this container, and its log is of everything that happens.
unset KAFKA_LOG4J_OPTS
export KAFKA_HEAP_OPTS=-Xmx128m KAFKA_JVM_PERFORMANCE_OPTS="-XX:+UseSerialGC -XX:TieredStopAtLevel=1" KAFKA_OPTS=
if [ $# -eq 0 ]; then
  # shellcheck disable=SC2016 # for the user to write
  echo 'Kafka'"'"'s tools are at hand, for example: kafka-topics.sh --bootstrap-server $KAFKA --list' >&2
  exec sh
fi
tool=$1
shift
exec "$tool" --bootstrap-server "$KAFKA" "$@"
