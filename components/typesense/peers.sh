#!/bin/bash
# The sidecar of a node that has peers. It maintains the file with all nodes' addresses, and has a leader elected if the
# nodes cannot elect one.
# Also expects DATA, Typesense's directory; LEADER_TIMEOUT, the seconds without a leader before an election; STARTED, a file
# whose existence lets Typesense start, and whose modification time is that of the last round.
#
# Typesense can resolve the names itself, but truncates the list at the first name that does not resolve: while a pod is
# recreated, its leader would continue without the others, and acknowledge writes that only it has. This script keeps a
# node's last known address instead.
set -eu
. "$(dirname "$0")/raft.sh"

# Succeeds if the node in this pod has any data in its log.
has_data() {
  compgen -G "$DATA/state/log/log_*_*" >/dev/null || compgen -G "$DATA/state/snapshot/snapshot_*" >/dev/null
}

# found ADDRESSES: prints whether the first node may found the cluster, depending on the other nodes: `yes`, `no`, or
# `wait`.
found() {
  local empty=1 address
  for address; do
    if [ "$address" != "$POD_IP" ] && look "$address"; then
      if [ "$log_index" -gt 0 ]; then
        echo no
        return
      fi
      empty=$((empty + 1))
    fi
  done
  if [ $empty -eq $# ]; then echo yes; else echo wait; fi
}

# Updates the file. Only writes complete lists, without duplicate addresses.
#
# Nodes without data could elect each other while a node with data is down. So until a leader has filled it, a node is
# not in its own list and cannot be a candidate. The exception is the first node, once all others answer and are empty
# too.
addresses() {
  local i address founding list='' known=() present=()
  read -ra names <"$scripts/names"
  if [ -e "$NODES" ]; then IFS=, read -ra known <"$NODES"; fi
  for i in "${!names[@]}"; do
    if [ "$i" = "$ordinal" ]; then
      address=$POD_IP
    else
      read -r address _ < <(timeout 2 getent ahostsv4 "${names[i]}") || address=${known[i]-}
      address=${address%%:*}
    fi
    if [ -z "$address" ]; then
      log "${names[i]} has no address yet"
      return
    fi
    case " ${present[*]} " in *" $address "*) return ;; esac
    present+=("$address")
  done
  if ! has_data; then
    founding=no
    if [ "$ordinal" -eq 0 ]; then founding=$(found "${present[@]}"); fi
    case $founding in
      no) present[ordinal]=0.0.0.0 ;;
      wait) return ;;
    esac
  fi
  for address in "${present[@]}"; do list+=,$(node "$address"); done
  list=${list:1}
  if [ ! -e "$NODES" ] || [ "$(cat "$NODES")" != "$list" ]; then
    log "nodes: $list"
    echo "$list" >"$NODES.new"
    mv "$NODES.new" "$NODES"
  fi
  touch "$STARTED"
}

led=$SECONDS
while true; do
  addresses
  if ! look "$POD_IP" || [ -n "$leader" ]; then led=$SECONDS; fi
  if [ $((SECONDS - led)) -ge "$LEADER_TIMEOUT" ]; then bash "$scripts/elect.sh"; fi
  if [ -e "$STARTED" ]; then touch "$STARTED"; fi
  sleep 5 &
  wait $!
done
