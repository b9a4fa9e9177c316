#!/bin/sh
# Writes the keys of a backup into the cluster, each to the master that has its slot now: the cluster may have other
# masters than the one that was backed up. Each file is loaded by a server in this pod, which then moves its keys.
#
# HOST           the cluster's Service
# BACKUP         folder of the backup
# INTO_EXISTING  "true": also if the cluster has keys. Keys of the same names are replaced, the others stay.
set -eu
# shellcheck source=../common.sh
. "$(dirname "$0")/common.sh"

# Only this pod's processes can reach it.
own=7000

mine() {
  redis-cli -p "$own" "$@" </dev/null
}

# Sets `ranges`, a line for each range of slots: the address of its master, first and last slot; and `covered`, the number
# of these slots.
look() {
  ranges=$(ask "$mounted_password" -h "$HOST" cluster nodes </dev/null | tr -d '\r' | awk '
    $3 ~ /master/ && $3 !~ /fail|noaddr|handshake/ {
      ip = $2
      sub(/:[0-9]*@.*/, "", ip)
      for (field = 9; field <= NF; field++) {
        if ($field ~ /^\[/) continue
        count = split($field, ends, "-")
        print ip, ends[1], ends[count]
      }
    }')
  covered=$(echo "$ranges" | awk 'NF { sum += $3 - $2 + 1 } END { print sum + 0 }')
}

# Waits until every slot has a master. Network policies may open a new pod's connections only after some seconds.
await_cluster() {
  attempts=0
  look
  while [ "$covered" != 16384 ]; do
    attempts=$((attempts + 1))
    [ "$attempts" -lt 12 ] || fail "only $covered of 16384 slots are served. Bring the cluster up first: npm run status"
    sleep 5
    look
  done
}

# Sets `keys`: how many the cluster has.
count_keys() {
  keys=0
  for ip in $(echo "$ranges" | cut -d ' ' -f 1 | sort -u); do
    answer=$(ask "$mounted_password" -h "$ip" dbsize </dev/null) || answer="no answer"
    case $answer in
      '' | *[!0-9]*) fail "the master at $ip does not say how many keys it has: $answer" ;;
    esac
    keys=$((keys + answer))
  done
}

# load FILE: starts a server with the keys of the file.
load() {
  redis-server --port "$own" --bind 127.0.0.1 --dir "$BACKUP" --dbfilename "$1" --save '' --appendonly no \
    --cluster-enabled yes --cluster-require-full-coverage no --cluster-config-file "nodes-$1.conf" >"$BACKUP/server.log" &
  server=$!
  # A node takes over the slots of the keys that it finds, and answers to writes after two seconds.
  until mine cluster info 2>/dev/null | grep -q '^cluster_state:ok'; do
    kill -0 "$server" 2>/dev/null || fail "the server that loads $1 has ended: $(tail -n 3 "$BACKUP/server.log")"
    sleep 0.5
  done
}

# Moves the server's keys to the cluster, a range of slots after another.
move() {
  script=$(redis-cli -p "$own" -x script load <"$(dirname "$0")/move-slots.lua")
  while read -r ip first last; do
    while [ "$first" -le "$last" ]; do
      end=$((first + 1023 < last ? first + 1023 : last))
      # By standard input: the password is in no command line.
      answer=$(printf 'EVALSHA %s 0 %s %s %s %s %s %s\n' \
        "$script" "$ip" "$PORT" "$first" "$end" "$(quoted "$mounted_password")" "$INTO_EXISTING" | redis-cli -p "$own")
      case $answer in
        '' | *[!0-9]*) fail "the keys of slots $first to $end could not be written to $ip: $answer. Repeat the command" \
          "with --into-existing: it replaces what was written" ;;
      esac
      first=$((end + 1))
    done
  done <<END
$ranges
END
}

await_cluster
count_keys
if [ "$keys" != 0 ] && [ "$INTO_EXISTING" != true ]; then
  fail "the cluster has $keys keys, and nothing was changed. To add the backup to them, and replace keys of the" \
    "same names, repeat the command with --into-existing"
fi
total=0
for file in "$BACKUP"/*.rdb; do
  load "$(basename "$file")"
  count=$(mine dbsize)
  log "$(basename "$file"): $count keys"
  await_cluster
  move
  left=$(mine dbsize)
  [ "$left" = 0 ] || fail "$left keys of $(basename "$file") have not been written"
  mine shutdown nosave || true
  wait "$server" || true
  total=$((total + count))
done
count_keys
log "$total keys were written, the cluster has $keys"
