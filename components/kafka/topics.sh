#!/bin/sh
# Brings topics into the declared state. TOPICS has a file `topics` with a line for each, name, partitions and replication factor, and a
# file NAME.properties with its configuration. Other topics are none of its business, and no topic is ever deleted.
set -eu

topics() {
  "$KAFKA_HOME/bin/kafka-topics.sh" --bootstrap-server "$BOOTSTRAP" "$@" </dev/null
}
configs() {
  "$KAFKA_HOME/bin/kafka-configs.sh" --bootstrap-server "$BOOTSTRAP" --entity-type topics "$@" </dev/null
}

topics --describe >"$PRIVATE/described"
configs --describe >"$PRIVATE/configured"

# Name, partitions and replication factor of every topic there is.
sed -n 's/^Topic: *\([^[:space:]]*\)[[:space:]]*TopicId:.*PartitionCount: *\([0-9]*\)[[:space:]]*ReplicationFactor: *\([0-9]*\).*/\1 \2 \3/p' \
  "$PRIVATE/described" >"$PRIVATE/present"

# The configuration that a topic has of its own, as NAME.properties would say it.
configuration() {
  awk -v topic="$1" '
    /^Dynamic configs for topic / { own = $5 == topic; next }
    own && match($0, / sensitive=/) { line = substr($0, 1, RSTART - 1); sub(/^ +/, "", line); print line }
  ' "$PRIVATE/configured" | LC_ALL=C sort
}

# What cannot be done is found out before anything is done.
refused=
while read -r name partitions replicas; do
  while read -r present has copies; do
    [ "$present" = "$name" ] || continue
    if [ "$has" -gt "$partitions" ]; then
      refused=yes
      echo "topic $name has $has partitions and cannot go down to $partitions, for keys would be found in other partitions." \
        "Set kafka.topics[\"$name\"].partitions to $has or more, or declare a topic of another name" >&2
    fi
    if [ "$copies" -ne "$replicas" ]; then
      refused=yes
      echo "topic $name has replication factor $copies, and moving it to $replicas is not done here." \
        "Set kafka.topics[\"$name\"].replicationFactor to $copies, or move it with kafka-reassign-partitions.sh first" >&2
    fi
  done <"$PRIVATE/present"
done <"$TOPICS/topics"
[ -z "$refused" ] || exit 1

while read -r name partitions replicas; do
  declared=$TOPICS/$name.properties
  has=$(awk -v topic="$name" '$1 == topic { print $2 }' "$PRIVATE/present")
  if [ -z "$has" ]; then
    set -- --partitions "$partitions" --replication-factor "$replicas"
    while read -r entry; do set -- "$@" --config "$entry"; done <"$declared"
    topics --create --if-not-exists --topic "$name" "$@"
    continue
  fi
  if [ "$has" -lt "$partitions" ]; then topics --alter --topic "$name" --partitions "$partitions"; fi
  configuration "$name" >"$PRIVATE/current"
  if [ "$(cat "$PRIVATE/current")" != "$(cat "$declared")" ]; then
    # What is not declared any more goes back to the default.
    gone=$(sed 's/=.*//' "$PRIVATE/current" | while read -r key; do grep -q "^$key=" "$declared" || printf '%s,' "$key"; done)
    set -- --alter --entity-name "$name"
    [ ! -s "$declared" ] || set -- "$@" --add-config-file "$declared"
    [ -z "$gone" ] || set -- "$@" --delete-config "${gone%,}"
    configs "$@"
  fi
done <"$TOPICS/topics"
