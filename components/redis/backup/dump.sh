#!/bin/sh
# Fetches the keys of each master into a file, from one of its replicas if one is in sync. The files are not of one moment.
#
# HOST    the cluster's Service
# BACKUP  folder of the files
set -eu
# shellcheck source=../common.sh
. "$(dirname "$0")/common.sh"

# node IP COMMAND: prints that node's answer without carriage returns.
node() {
  ask "$mounted_password" -h "$@" </dev/null | tr -d '\r'
}

# Prints a line for each master with slots: its id, its address, and the addresses of its replicas. Fails if they do not
# have all slots.
shards() {
  node "$HOST" cluster nodes | awk '
    { ip = $2; sub(/:[0-9]*@.*/, "", ip) }
    $3 ~ /fail|noaddr|handshake/ { next }
    $3 ~ /master/ && NF > 8 {
      master[$1] = ip
      for (field = 9; field <= NF; field++) {
        if ($field ~ /^\[/) continue
        count = split($field, ends, "-")
        covered += ends[count] - ends[1] + 1
      }
    }
    $3 ~ /slave/ { replicas[$4] = replicas[$4] " " ip }
    END {
      for (id in master) print id, master[id] replicas[id]
      exit covered != 16384
    }'
}

# preferred MASTER REPLICA...: prints the first replica in sync, else the master.
preferred() {
  master=$1
  shift
  for replica in "$@"; do
    if node "$replica" info replication | grep -q '^master_link_status:up$'; then
      echo "$replica"
      return 0
    fi
  done
  echo "$master"
}

rm -f "$BACKUP"/*
REDISCLI_AUTH=$(cat "$mounted_password")
export REDISCLI_AUTH
# Network policies may open a new pod's connections only after some seconds.
attempts=0
until shards >"$BACKUP/shards"; do
  attempts=$((attempts + 1))
  [ "$attempts" -lt 12 ] || fail "not all slots are served: a backup would not have all keys"
  sleep 5
done
while read -r id addresses; do
  # shellcheck disable=SC2086 # words of a line
  from=$(preferred $addresses)
  redis-cli -h "$from" -p "$PORT" --rdb "$BACKUP/$id.rdb" </dev/null >&2
  checked=$(redis-check-rdb "$BACKUP/$id.rdb") || fail "the file of shard $id is damaged: $checked"
  log "shard $id, from $from: $(echo "$checked" | sed -n 's/.* \([0-9]* keys\) read.*/\1/p')"
done <"$BACKUP/shards"
rm "$BACKUP/shards"
cd "$BACKUP"
sha256sum ./*.rdb >SHA256SUMS
