#!/bin/sh
# Readiness: the node has loaded its data. Also adopts a new password and reconnects lost peers.
set -eu
. "$(dirname "$0")/node.sh"

# The kubelet has replaced the mounted password by a rotated one: from now on both are valid, here and for the
# connection to a master. The init Job retires the old password when all nodes know the new one.
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
  log "the server accepts neither the mounted password nor the previous one"
  return 1
}

adopt_password
answer=$(myself ping 2>&1) || true
[ "$answer" = PONG ] || { echo "$answer"; exit 1; }
# The next probe retries. A failure here does not make the node unready.
timeout 4 sh "$(dirname "$0")/tend.sh" || true
