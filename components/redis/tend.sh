#!/bin/sh
# Keeps this node connected to its peers.
set -eu
. "$(dirname "$0")/node.sh"

# Prints id and host name of all nodes that have announced their name.
names() {
  awk '{ split($2, at, ","); if (at[2] != "") print $1, at[2] }' | sort
}

nodes=$(myself cluster nodes)

# A server that learns a peer's name does not save it until something else changes too. The next start needs all names,
# to find peers whose address has changed.
if [ "$(echo "$nodes" | names)" != "$(names <"$DATA/nodes.conf")" ]; then
  myself cluster saveconfig
fi

# Introduces this node to peers that it has lost and whose names resolve to another address now. A node learns a peer's
# new address only from that peer. If all addresses change together, no node can reach another. CLUSTER MEET sends a
# known node this node's new address.
echo "$nodes" |
  awk '{
    split($2, at, ",")
    ip = at[1]
    sub(/:[0-9]*(@[0-9]*)?$/, "", ip)
    if (at[2] != "" && $3 !~ /myself/ && ($3 ~ /fail|noaddr/ || $8 != "connected")) print at[2], ip
  }' |
  while read -r host known; do
    ip=$(address "$host")
    if [ -n "$ip" ] && [ "$ip" != "$known" ]; then
      myself cluster meet "$ip" "$PORT" </dev/null
    fi
  done
