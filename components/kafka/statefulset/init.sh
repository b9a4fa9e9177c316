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

# Controllers without data elect each other, and the leader's empty log replaces the others' metadata: all topics and users
# would be gone. So a controller whose volume is empty starts only if a controller with data leads already, or, on the
# first start of the cluster, while no other broker is in service. A copy of another controller's metadata will do too:
# that is how the cluster is repaired after two controllers lost their volumes.
await_leader() {
  said=
  while [ ! -d "$DATA/__cluster_metadata-0" ]; do
    serving=
    peer=0
    while [ "$peer" -lt "$CONTROLLERS" ]; do
      name=${POD_NAME%-*}-$peer
      if [ "$peer" -ne "$node" ] && timeout 3 bash -c ": <>/dev/tcp/$name.$DOMAIN/$INTERNAL_PORT" 2>/dev/null; then
        serving=$name
        if timeout 15 bash "$SCRIPTS/quorum.sh" "$name.$DOMAIN" >/dev/null 2>&1; then return 0; fi
      fi
      peer=$((peer + 1))
    done
    [ -n "$serving" ] || return 0
    [ "$serving" = "$said" ] || echo "this volume is empty and no controller leads: not starting without the metadata that" \
      "$serving has. If the volumes of two controllers are lost: docs/operations.md, \"When a volume is lost\"" >&2
    said=$serving
    sleep 2
  done
}

if [ -e "$DATA/meta.properties" ]; then
  formatted=$(sed -n 's/^cluster\.id=//p' "$DATA/meta.properties")
  if [ "$formatted" != "$cluster_id" ]; then
    echo "the volume belongs to Kafka cluster $formatted, and this is $cluster_id: restore the stack's state that created the" \
      "volume (pulumi stack import), or delete the volumes data-${POD_NAME%-*}-* if you need nothing in them" >&2
    exit 1
  fi
else
  [ "$node" -ge "$CONTROLLERS" ] || await_leader
  # The votes of the controller that the copy is from are not this one's.
  rm -f "$DATA/__cluster_metadata-0/quorum-state"
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
