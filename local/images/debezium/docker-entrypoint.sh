#!/bin/sh
# docker-entrypoint.sh start: runs a worker configured by BOOTSTRAP_SERVERS, GROUP_ID, CONFIG_STORAGE_TOPIC,
# OFFSET_STORAGE_TOPIC, ... and by CONNECT_*, which sets the property of that name (CONNECT_SASL_MECHANISM sets
# sasl.mechanism), as in the upstream image. Other commands are executed unchanged. The upstream image's optional
# extensions are not supported.
set -eu
[ "${1:-}" = start ] || exec "$@"

for name in CONFIG_STORAGE_TOPIC OFFSET_STORAGE_TOPIC; do
  if [ -z "$(printenv "$name")" ]; then
    echo "The $name variable must be set to the name of a topic." >&2
    exit 1
  fi
done
export CONNECT_BOOTSTRAP_SERVERS="${BOOTSTRAP_SERVERS:-0.0.0.0:9092}"
export CONNECT_GROUP_ID="${GROUP_ID:-1}"
export CONNECT_CONFIG_STORAGE_TOPIC="$CONFIG_STORAGE_TOPIC"
export CONNECT_OFFSET_STORAGE_TOPIC="$OFFSET_STORAGE_TOPIC"
export CONNECT_STATUS_STORAGE_TOPIC="${STATUS_STORAGE_TOPIC:-connect-status}"
export CONNECT_KEY_CONVERTER="${KEY_CONVERTER:-org.apache.kafka.connect.json.JsonConverter}"
export CONNECT_VALUE_CONVERTER="${VALUE_CONVERTER:-org.apache.kafka.connect.json.JsonConverter}"
export CONNECT_OFFSET_FLUSH_INTERVAL_MS="${OFFSET_FLUSH_INTERVAL_MS:-60000}"
export CONNECT_OFFSET_FLUSH_TIMEOUT_MS="${OFFSET_FLUSH_TIMEOUT_MS:-5000}"
export CONNECT_TASK_SHUTDOWN_GRACEFUL_TIMEOUT_MS="${SHUTDOWN_TIMEOUT:-10000}"
export CONNECT_REST_ADVERTISED_HOST_NAME="${ADVERTISED_HOST_NAME:-${HOST_NAME:-$(hostname -i)}}"
export CONNECT_REST_ADVERTISED_PORT="${ADVERTISED_PORT:-8083}"
[ -z "${HEAP_OPTS:-}" ] || export KAFKA_HEAP_OPTS="$HEAP_OPTS"

config=$KAFKA_HOME/config
for file in "$KAFKA_HOME"/config.orig/*; do
  [ -e "$config/${file##*/}" ] || cp "$file" "$config/"
done
[ -z "${LOG_LEVEL:-}" ] || sed -i "s/=INFO, stdout/=$LOG_LEVEL, stdout/" "$config/log4j.properties"
export KAFKA_LOG4J_OPTS="${KAFKA_LOG4J_OPTS:--Dlog4j.configuration=file:$config/log4j.properties}"

awk 'BEGIN {
  for (name in ENVIRON) if (sub(/^CONNECT_/, "", name)) {
    property = tolower(name)
    gsub(/_/, ".", property)
    print property "=" ENVIRON["CONNECT_" name]
  }
}' >"$config/connect-distributed.properties"
exec "$KAFKA_HOME/bin/connect-distributed.sh" "$config/connect-distributed.properties"
