#!/bin/sh
# Prepares a broker: writes the properties of this node, removes lost+found, formats the volume on the first boot, and
# waits until the controllers' names resolve. POD_NAME ends with the node's number; the first CONTROLLERS nodes are
# controllers too.
set -eu

cluster_id=$(cat "$SCRIPTS/cluster-id")
node=${POD_NAME##*-}
host=$POD_NAME.$DOMAIN
roles=broker
listeners=INTERNAL://:$INTERNAL_PORT,CLIENT://:$CLIENT_PORT
if [ "$node" -lt "$CONTROLLERS" ]; then
  roles=broker,controller
  listeners=$listeners,CONTROLLER://:$CONTROLLER_PORT
fi
{
  cat "$SCRIPTS/server.properties"
  echo
  echo "node.id=$node"
  echo "process.roles=$roles"
  echo "listeners=$listeners"
  echo "advertised.listeners=INTERNAL://$host:$INTERNAL_PORT,CLIENT://$host:$CLIENT_PORT"
} >"$PROPERTIES"

# The root of an ext4 volume has this directory, and Kafka takes every directory for a partition.
rm -rf "$DATA/lost+found"

if [ -e "$DATA/meta.properties" ]; then
  formatted=$(sed -n 's/^cluster\.id=//p' "$DATA/meta.properties")
  if [ "$formatted" != "$cluster_id" ]; then
    echo "the volume belongs to Kafka cluster $formatted, and this is $cluster_id: restore the stack's state that created the" \
      "volume (pulumi stack import), or delete the volumes data-${POD_NAME%-*}-* if you need nothing in them" >&2
    exit 1
  fi
else
  # A cluster ID may begin with a hyphen.
  "$KAFKA_HOME/bin/kafka-storage.sh" format --ignore-formatted "--cluster-id=$cluster_id" --config "$PROPERTIES"
fi

# Controllers that start before their peers' names resolve can miss each other. The name of a peer whose machine is lost
# does not resolve either; that must not keep a majority from starting.
named() {
  count=0
  peer=0
  while [ "$peer" -lt "$CONTROLLERS" ]; do
    if getent hosts "${POD_NAME%-*}-$peer.$DOMAIN" >/dev/null; then count=$((count + 1)); fi
    peer=$((peer + 1))
  done
  echo "$count"
}
waited=0
until known=$(named) && [ "$known" -eq "$CONTROLLERS" ]; do
  if [ "$waited" -ge 60 ] && [ "$known" -gt $((CONTROLLERS / 2)) ]; then break; fi
  if [ $((waited % 10)) -eq 0 ]; then echo "the names of $known of $CONTROLLERS controllers resolve"; fi
  sleep 1
  waited=$((waited + 1))
done
