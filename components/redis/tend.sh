#!/bin/sh
# Keeps this node in touch with its peers.
set -eu
. "$(dirname "$0")/node.sh"

# node and name, of all nodes that have told theirs
names() {
  awk '{ split($2, at, ","); if (at[2] != "") print $1, at[2] }' | sort
}

nodes=$(myself cluster nodes)

# A server that learns a peer's name does not save it before something else changes too. The next start needs all names: it is by them
# that peers are found which moved.
if [ "$(echo "$nodes" | names)" != "$(names <"$DATA/nodes.conf")" ]; then
  myself cluster saveconfig
fi

# Introduces this node to peers that it has lost and whose names lead elsewhere by now. A node hears of a peer's new address only from
# that peer, and if all of them move at once, none knows where to send its word. To a known node, CLUSTER MEET is just that.
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
