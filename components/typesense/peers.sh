#!/bin/bash
# Runs beside a node that has peers. It keeps the file with all nodes' addresses, and has a leader elected where the nodes cannot.
# Expects further DATA, Typesense's folder; LEADER_TIMEOUT, seconds without a leader; STARTED, a file that tells that Typesense may start, and
# how long ago the last round was.
#
# Typesense could look up the names by itself, but then takes a list that ends before the first name without an address: while a pod is
# made anew, its leader would go on without the others, and acknowledge what it alone has. Here a node keeps its last known address.
set -eu
. "$(dirname "$0")/raft.sh"

# Whether the node in this pod has anything in its log.
has_data() {
  compgen -G "$DATA/state/log/log_*_*" >/dev/null || compgen -G "$DATA/state/snapshot/snapshot_*" >/dev/null
}

# found ADDRESSES: what the first node may do about a first leader, by what the others are: `yes`, `no`, or `wait`.
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

# Renews the file; only ever by a list of all nodes, none of them twice.
#
# Nodes without data would elect each other, while one that has been filled is away. So until a leader has filled it, a node is not in its
# own list, and thus no candidate. Only the first one is, once all others answer and are as empty.
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
