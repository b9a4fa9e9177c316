#!/bin/sh
# Readiness: the node has its data loaded. In passing it sees to its password and its peers.
set -eu
. "$(dirname "$0")/node.sh"

# The kubelet has put a rotated password in place of the one that the server knows: from now on both are good, here and for its
# connections to a master. The init Job takes the old one away when all nodes know the new one.
adopt_password() {
  [ "$(cat "$mounted_password")" != "$(cat "$password")" ] || return 0
  for known in "$password" "$mounted_password"; do
    new=$(quoted "$mounted_password")
    answers=$(printf '%s\n' "ACL SETUSER default \">${new#\"}" "CONFIG SET masterauth $new" | ask "$known" 2>/dev/null) || continue
    if [ "$answers" = "OK
OK" ]; then
      keep_password
      return 0
    fi
  done
  log "the server knows neither the mounted password nor the one before"
  return 1
}

adopt_password
answer=$(myself ping 2>&1) || true
[ "$answer" = PONG ] || { echo "$answer"; exit 1; }
# What fails here is tried again by the next probe, and is no reason to turn clients away.
timeout 4 sh "$(dirname "$0")/tend.sh" || true
