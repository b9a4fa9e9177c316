#!/bin/sh
# Creates and changes topics as declared. TOPICS has a file `topics` with a line per topic: name, partitions and
# replication factor; and a file NAME.properties with each topic's configuration. It does not touch other topics, and
# never deletes a topic.
set -eu

topics() {
  "$KAFKA_HOME/bin/kafka-topics.sh" --bootstrap-server "$BOOTSTRAP" "$@" </dev/null
}
configs() {
  "$KAFKA_HOME/bin/kafka-configs.sh" --bootstrap-server "$BOOTSTRAP" --entity-type topics "$@" </dev/null
}

topics --describe >"$PRIVATE/described"
configs --describe >"$PRIVATE/configured"

# Name, partitions and replication factor of every existing topic.
sed -n 's/^Topic: *\([^[:space:]]*\)[[:space:]]*TopicId:.*PartitionCount: *\([0-9]*\)[[:space:]]*ReplicationFactor: *\([0-9]*\).*/\1 \2 \3/p' \
  "$PRIVATE/described" >"$PRIVATE/present"

# configuration NAME: prints the topic's own configuration in the form of NAME.properties.
configuration() {
  awk -v topic="$1" '
    /^Dynamic configs for topic / { own = $5 == topic; next }
    own && match($0, / sensitive=/) { line = substr($0, 1, RSTART - 1); sub(/^ +/, "", line); print line }
  ' "$PRIVATE/configured" | LC_ALL=C sort
}

# Finds impossible changes before it changes anything.
refused=
while read -r name partitions replicas; do
  while read -r present has copies; do
    [ "$present" = "$name" ] || continue
    if [ "$has" -gt "$partitions" ]; then
      refused=yes
      echo "topic $name has $has partitions and cannot be reduced to $partitions: keys would move to other partitions." \
        "Set kafka.topics[\"$name\"].partitions to $has or more, or declare a topic of another name" >&2
    fi
    if [ "$copies" -ne "$replicas" ]; then
      refused=yes
      echo "topic $name has replication factor $copies, and this Job does not change it to $replicas." \
        "Set kafka.topics[\"$name\"].replicationFactor to $copies, or change it with kafka-reassign-partitions.sh first" >&2
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
    # Properties that are no longer declared return to their defaults.
    gone=$(sed 's/=.*//' "$PRIVATE/current" | while read -r key; do grep -q "^$key=" "$declared" || printf '%s,' "$key"; done)
    set -- --alter --entity-name "$name"
    [ ! -s "$declared" ] || set -- "$@" --add-config-file "$declared"
    [ -z "$gone" ] || set -- "$@" --delete-config "${gone%,}"
    configs "$@"
  fi
done <"$TOPICS/topics"
