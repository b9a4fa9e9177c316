#!/bin/sh
# Runs before the container is told to stop: waits until no partition would be left with too few copies in sync, as while a peer still
# catches up. Not for ever: that peer may be gone for good, and this machine be about to go as well. And not at all when all of Kafka is
# taken down, for then no peer comes back: its Service is the first that goes. A name server that does not answer is no sign of that;
# there is a Service that every cluster has.
taken_down() {
  ! getent hosts "$SERVICE" >/dev/null && getent hosts "$OTHER_SERVICE" >/dev/null
}
waited=0
until taken_down || timeout 10 bash "$SCRIPTS/replication.sh" dispensable; do
  if [ "$waited" -ge "$SYNC_TIMEOUT" ]; then break; fi
  sleep 1
  waited=$((waited + 1))
done

# A broker hands its partitions over before it ends, and waits for controllers to take them even when those are gone: when all of Kafka
# is taken down, the last one would wait until it is killed. What it has acknowledged is safe without that. All ends with the broker,
# this step too. It can be killed from here because the pod's processes are one namespace, and it is not the first one in it.
pkill -TERM -x java || exit 0
waited=0
until [ "$waited" -ge "$HANDOVER_TIMEOUT" ]; do
  sleep 1
  if taken_down; then waited=$((waited + 1)); fi
done
pkill -KILL -x java
