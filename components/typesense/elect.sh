#!/bin/bash
# Has the node in this pod elected, if the nodes cannot elect a leader themselves.
#
# Raft's nodes know each other by address. If so many come back with new addresses that the others are no majority, no
# node can be elected: the moved nodes are in no configuration, not even in their own. This script then holds the
# election by Raft's rules, but requests the votes at the nodes' present addresses:
#   1. A node votes once per term, persists its vote, and votes only for a candidate whose log is at least as up to date
#      as its own. The candidate here has a separate name, so a vote for it does not count for the node, which may be a
#      candidate of the same term.
#   2. With the votes of a majority, including this node's, the candidate leads that term. Acknowledged writes are in
#      the logs of a majority, so at least one voter has each of them, and therefore this node has it too.
#   3. A leader appends to logs: this one appends a single entry to this node's log, the configuration with the present
#      addresses. Then the node itself stands for election, as if a leader had transferred leadership to it.
# A change of names does not change the set of nodes: every majority of the old configuration still shares a node with
# every majority of the new one. The new names apply at a node from an entry that follows all acknowledged writes. So
# the election can be interrupted at any point, and several can run at the same time.
#
# Two kinds of node do not count: a node that lost its volume, because it would vote for any candidate, and a node whose
# own configuration does not include it, because it has not been filled yet. Configurations only grow, by nodes at their
# end.
set -eu
. "$(dirname "$0")/raft.sh"

candidate=$POD_IP:$PEERING_PORT:0

# request ADDRESS CALL FIELDS: sends the candidate's request to the node at that address and prints the answer.
request() {
  ask "$1" "/RaftService/$2" \
    "{\"group_id\":\"default_group\",\"server_id\":\"$candidate\",\"peer_id\":\"$(node "$1")\",$3}"
}

give_up() {
  log "no leader, $*"
  exit 0
}

IFS=, read -ra listed <"$NODES"
look "$POD_IP" && [ "$log_index" -gt 0 ] || exit 0
mine_term=$log_term mine_index=$log_index size=${#peers[@]}
[ "$size" -le ${#listed[@]} ] || give_up "and fewer nodes are declared than the $size in its configuration"
# The leader adds the other nodes, if more are declared.
listed=("${listed[@]:0:size}")
majority=$((size / 2 + 1))

voters=() new_term=0
for i in "${!listed[@]}"; do
  address=${listed[i]%%:*}
  look "$address" || continue
  [ -z "$leader" ] || exit 0
  [ "$log_index" -gt 0 ] && [ "$i" -lt ${#peers[@]} ] || continue
  if [ "$log_term" -gt "$mine_term" ] || { [ "$log_term" -eq "$mine_term" ] &&
    { [ "$log_index" -gt "$mine_index" ] || { [ "$log_index" -eq "$mine_index" ] && [ "$i" -lt "$ordinal" ]; }; }; }; then
    give_up "${names[i]} has an equal or newer log, and should be elected"
  fi
  voters+=("$address")
  if [ "$term" -ge "$new_term" ]; then new_term=$((term + 1)); fi
done
[ ${#voters[@]} -ge $majority ] || give_up "only ${#voters[@]} nodes with data answer, of $size"

votes=0 own=''
for address in "${voters[@]}"; do
  answer=$(request "$address" request_vote \
    "\"term\":$new_term,\"last_log_term\":$mine_term,\"last_log_index\":$mine_index") || continue
  case $answer in *'"granted":true'*) ;; *) continue ;; esac
  votes=$((votes + 1))
  if [ "$address" = "$POD_IP" ]; then own=granted; fi
done
[ -n "$own" ] && [ $votes -ge $majority ] || give_up "$votes votes for ${names[ordinal]} in term $new_term, of $majority needed"

log "no leader, ${names[ordinal]} is elected in term $new_term with $votes votes"
configuration=$(printf ',"%s"' "${listed[@]}")
answer=$(request "$POD_IP" append_entries "\"term\":$new_term,\"prev_log_term\":$mine_term,\"prev_log_index\":$mine_index,\
\"committed_index\":0,\"entries\":[{\"term\":$new_term,\"type\":\"ENTRY_TYPE_CONFIGURATION\",\"peers\":[${configuration:1}]}]") || answer=''
case $answer in *'"success":true'*) ;; *) give_up "the node did not take its new configuration: $answer" ;; esac
request "$POD_IP" timeout_now "\"term\":$new_term" >/dev/null
