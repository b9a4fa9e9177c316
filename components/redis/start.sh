#!/bin/sh
# Starts a node with the server's arguments.
set -eu
. "$(dirname "$0")/node.sh"

# Locks the volume for this container. The server and its children inherit descriptor 9, so the lock is released only
# when the last of them has exited. So a pod that was deleted by force does not share its files with its successor.
lock_volume() {
  exec 9>"$DATA/.lock"
  if ! flock -n 9; then
    log "waiting for the previous server on this volume to exit"
    until flock -n 9; do sleep 1; done
  fi
}

# Nodes know each other by IP address, and pods' addresses change. Updates nodes.conf with the addresses that its host
# names resolve to now. A peer whose name does not resolve yet keeps its old address; tend.sh introduces it later.
repoint_peers() {
  conf=$DATA/nodes.conf
  [ -s "$conf" ] || return 0
  now=$(awk '{ split($2, at, ","); if (at[2] != "") print at[2] }' "$conf" |
    while read -r host; do echo "$host=$(address "$host")"; done | tr '\n' ' ')
  awk -v now="$now" -v port="$PORT" '
    BEGIN {
      count = split(now, pairs, " ")
      for (i = 1; i <= count; i++) if (split(pairs[i], pair, "=") == 2 && pair[2] != "") ip[pair[1]] = pair[2]
    }
    {
      split($2, at, ",")
      if (at[2] in ip) {
        $2 = ip[at[2]] ":" port "@" (port + 10000) substr($2, index($2, ","))
        sub(/,noaddr/, "", $3)
      }
      print
    }' "$conf" | dd of="$conf.new" conv=fsync 2>/dev/null
  mv "$conf.new" "$conf"
}

# Writes the server's configuration file; the arguments are added to it.
write_passwords() {
  keep_password
  (umask 077 && printf '%s %s\n' requirepass "$(quoted "$password")" masterauth "$(quoted "$password")" >"$RUN/redis.conf")
}

# A node without data gets its part in the cluster while the server runs.
put_to_work() {
  [ -s "$DATA/nodes.conf" ] || : >"$DATA/.without-data"
  if [ -e "$DATA/.without-data" ]; then sh "$(dirname "$0")/rejoin.sh" 9>&- & fi
}

lock_volume
repoint_peers
write_passwords
put_to_work
exec redis-server "$RUN/redis.conf" "$@"
