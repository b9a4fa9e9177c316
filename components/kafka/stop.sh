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
  if [ "$waited" -ge "$PATIENCE" ]; then break; fi
  sleep 1
  waited=$((waited + 1))
done
