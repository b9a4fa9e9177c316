#!/bin/sh
# Runs before the container is stopped: hands a master's slots over to one of its replicas, so that they stay served. The signal that
# follows makes the server flush its data.
set -eu
. "$(dirname "$0")/node.sh"

role() {
  myself role | head -n 1
}

# Addresses of the replicas that are in step.
replicas() {
  myself info replication | tr -d '\r' | sed -n 's/^slave[0-9]*:ip=\([^,]*\),.*state=online.*/\1/p'
}

id=$(myself cluster myid)
tries=20
while [ "$(role)" = master ] && myself cluster nodes | grep -q " $id "; do
  for ip in $(replicas); do
    [ "$(myself -h "$ip" cluster failover)" != OK ] || break
  done
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || { log "no replica took over"; exit 0; }
  sleep 1
done
