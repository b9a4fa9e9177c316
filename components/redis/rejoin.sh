#!/bin/sh
# Runs beside a server that started without data, until the node has a part in the cluster: slots, or a master that it
# replicates. A new node waits for the init Job, which assigns its part. But if its peers know another node by this
# one's name, this node replaces it: its volume was lost, and the other node will never return. Then this script itself
# carries out the plan for the cluster. It is started again with the server until that is done.
#
# Several nodes can do so at the same time, and the init Job too. They plan alike from the same state, only give out
# slots that nobody holds, and to one node at a time. An order that someone else has carried out meanwhile is refused by
# the node that it is for. Only the Job moves slots that a node holds.
set -eu
. "$(dirname "$0")/node.sh"
. "$(dirname "$0")/cluster.sh"

# Exists from the first start until the node has a part. Not empty once it is known to replace another node: the peers
# forget that one before this node has its part.
without_data=$DATA/.without-data

has_part() {
  myself cluster nodes 2>/dev/null | awk '$3 ~ /myself/ && ($4 != "-" || NF > 8) { found = 1 } END { exit !found }'
}

# Succeeds if a peer knows another node by this one's name.
replaces_another() {
  id=$(myself cluster myid 2>/dev/null) || return 1
  # shellcheck disable=SC2013 # words of a line
  for host in $(cat "$scripts/hosts"); do
    node "$(address "$host")" cluster nodes 2>/dev/null || :
  done | awk -v id="$id" -v pod="$POD_NAME." '
    { split($2, at, ","); if ($1 != id && $3 !~ /handshake/ && index(at[2], pod) == 1) found = 1 }
    END { exit !found }'
}

until [ -s "$without_data" ] || has_part; do
  if replaces_another; then
    log "THE VOLUME OF THIS NODE IS EMPTY, and it had a part in the cluster. The keys that only it had are gone"
    echo replaces >"$without_data"
  else
    sleep 2
  fi
done

last=
while [ -s "$without_data" ]; do
  steps=$(plan 2>/dev/null) || steps='wait the nodes cannot be asked'
  if [ "$steps" != "$last" ]; then
    last=$steps
    case $steps in wait* | refuse*) log "the node has no part in the cluster yet: $steps" ;; esac
  fi
  case $steps in
    wait*) sleep 1 ;;
    refuse*) sleep 10 ;;
    run*)
      case $steps in *addslots*) log "SLOTS THAT NO NODE SERVES ARE SERVED AGAIN, WITHOUT THEIR FORMER KEYS" ;; esac
      carry_out "$steps" || :
      ;;
    # What is left is to move slots that nodes hold.
    done | fix* | rebalance*) if has_part; then break; else sleep 10; fi ;;
  esac
done
rm -f "$without_data"
log "the node has its part in the cluster"
