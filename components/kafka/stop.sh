#!/bin/sh
# Runs before the container is told to stop: waits until no partition would be left with too few copies in sync, as while a peer still
# catches up. Not for ever: that peer may be gone for good, and this machine be about to go as well.
waited=0
until timeout 10 bash "$SCRIPTS/replication.sh" dispensable; do
  if [ "$waited" -ge "$PATIENCE" ]; then break; fi
  sleep 1
  waited=$((waited + 1))
done
