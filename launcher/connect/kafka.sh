# Arguments: [TOOL ARGUMENT...]. Runs in a Kafka pod: one of Kafka's tools on the inter-broker listener, which requires
# no password; without arguments, a shell.
# shellcheck shell=sh
export PATH="/opt/kafka/bin:$PATH" KAFKA="localhost:$INTERNAL_PORT"
# The broker's logging and JVM options do not suit a tool: the tool shares the container's memory limit with the broker.
unset KAFKA_LOG4J_OPTS
export KAFKA_HEAP_OPTS=-Xmx128m KAFKA_JVM_PERFORMANCE_OPTS="-XX:+UseSerialGC -XX:TieredStopAtLevel=1" KAFKA_OPTS=
if [ $# -eq 0 ]; then
  # shellcheck disable=SC2016 # printed for the user to type
  echo 'Kafka'"'"'s tools are on PATH. Example: kafka-topics.sh --bootstrap-server $KAFKA --list' >&2
  exec sh
fi
tool=$1
shift
exec "$tool" --bootstrap-server "$KAFKA" "$@"
