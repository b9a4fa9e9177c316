#!/bin/sh
# Introduces this node to peers that it has lost and whose names lead elsewhere by now. A node hears of a peer's new address only from
# that peer, and if all of them move at once, none knows where to send its word. To a known node, CLUSTER MEET is just that.
set -eu
. "$(dirname "$0")/node.sh"

myself cluster nodes |
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
