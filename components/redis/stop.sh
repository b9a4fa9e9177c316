#!/bin/sh
# Runs before the container is stopped: hands a master's slots over to one of its replicas, so that they stay served. The signal that
# follows makes the server flush its data.
set -eu
. "$(dirname "$0")/node.sh"

id=$(myself cluster myid)

role() {
  myself role | head -n 1
}

# Addresses of the replicas that are reached.
replicas() {
  myself cluster nodes | awk -v id="$id" '$4 == id && $3 !~ /fail|noaddr/ { sub(/:[0-9]*@.*/, "", $2); print $2 }'
}

# The first one that is in step with this master begins to take over.
hand_over() {
  for ip in $(replicas); do
    [ "$(myself -h "$ip" cluster failover)" != OK ] || return 0
  done
}

seconds=0
while [ "$seconds" -lt 20 ] && [ "$(role)" = master ] && [ -n "$(replicas)" ]; do
  # A take-over that has come to nothing is given up by Redis after five seconds.
  [ $((seconds % 6)) -gt 0 ] || hand_over
  seconds=$((seconds + 1))
  sleep 1
done
