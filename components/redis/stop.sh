#!/bin/sh
# preStop hook: hands a master's slots over to one of its replicas, so that they stay available. On the SIGTERM that
# follows, the server flushes its data.
set -eu
. "$(dirname "$0")/node.sh"

id=$(myself cluster myid)

role() {
  myself role | head -n 1
}

# Prints the addresses of the reachable replicas.
replicas() {
  myself cluster nodes | awk -v id="$id" '$4 == id && $3 !~ /fail|noaddr/ { sub(/:[0-9]*@.*/, "", $2); print $2 }'
}

# Starts a failover to the first replica that accepts it.
hand_over() {
  for ip in $(replicas); do
    [ "$(myself -h "$ip" cluster failover)" != OK ] || return 0
  done
}

seconds=0
while [ "$seconds" -lt 20 ] && [ "$(role)" = master ] && [ -n "$(replicas)" ]; do
  # Redis aborts a failover that does not complete within five seconds: try again every six.
  [ $((seconds % 6)) -gt 0 ] || hand_over
  seconds=$((seconds + 1))
  sleep 1
done
