#!/bin/bash
# Readiness: the node has a leader and is in the configuration by its present address. Only then may the next node
# restart.
set -eu
. "$(dirname "$0")/raft.sh"

not_ready() {
  echo "$*"
  exit 1
}
look "$POD_IP" || not_ready "Typesense does not answer on its Raft port"
[ -n "$leader" ] || not_ready "no leader: this needs a majority of the ${#names[@]} nodes, with their data"
case " ${peers[*]} " in
  *" $(node "$POD_IP") "*) ;;
  *) not_ready "the leader does not know this node's address yet" ;;
esac
