#!/bin/sh
# preStop hook: waits until stopping leaves no partition with too few replicas in sync, for example while a peer still
# catches up. The wait is limited: that peer may never come back, and this machine may be about to shut down. It does
# not wait when all of Kafka is removed, because then no peer comes back: Kafka's Service is deleted first, and its name
# no longer resolves. If the name of a Service that every cluster has does not resolve either, DNS is down, and that
# proves nothing.
taken_down() {
  ! getent hosts "$SERVICE" >/dev/null && getent hosts "$OTHER_SERVICE" >/dev/null
}
waited=0
until taken_down || timeout 10 bash "$SCRIPTS/replication.sh" dispensable; do
  if [ "$waited" -ge "$SYNC_TIMEOUT" ]; then break; fi
  sleep 1
  waited=$((waited + 1))
done

# On shutdown a broker hands its partitions over, and waits for a controller even if all controllers are gone: when all
# of Kafka is removed, the last broker would wait until the grace period ends. What it acknowledged is safe without the
# handover. When the broker exits, this hook ends too. It can kill the broker because the containers share a process
# namespace, where the broker is not PID 1.
pkill -TERM -x java || exit 0
waited=0
until [ "$waited" -ge "$HANDOVER_TIMEOUT" ]; do
  sleep 1
  if taken_down; then waited=$((waited + 1)); fi
done
pkill -KILL -x java
