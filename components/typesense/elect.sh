#!/bin/bash
# Has the node in this pod elected, if that is what it takes to have a leader again.
#
# Raft's nodes know each other by address. When so many came back with new ones that those which stayed are no majority, nobody can be
# elected: the others are in no configuration, not even in their own. So the election is held here, by Raft's rules, only that votes are
# asked for at the nodes' present addresses:
#   1. A node votes once a term, keeps that on its disk, and only for one whose log has all that its own has. The candidate has a name
#      of its own, so that a vote for it is none for the node, should that just be a candidate of the same term itself.
#   2. With the votes of a majority, this node's among them, the candidate leads that term. What was acknowledged is in the logs of a
#      majority, so one of the voters has it, and so this node.
#   3. A leader appends to logs: here one entry to this node's own, the configuration with the present addresses. The node then stands
#      for election by itself, as if a leader had handed over to it.
# A change of names is no change of nodes: every majority of the old configuration still has a node in common with every one of the new.
# The new names count at a node from an entry on that comes after all that was acknowledged. So it may be broken off at any point, and
# several may hold elections at once.
#
# A node that lost its volume would vote for anybody, and one whose own configuration does not reach to it has not been filled yet:
# neither counts. Configurations only grow, by nodes at their end.
set -eu
. "$(dirname "$0")/raft.sh"

candidate=$POD_IP:$PEERING_PORT:0

# request ADDRESS CALL FIELDS: what the node there answers to the candidate.
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
[ "$size" -le ${#listed[@]} ] || give_up "and there are fewer nodes than the $size in its configuration"
# The leader adds the others, if there are to be more.
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
    give_up "${names[i]} has as much or more, and should be it"
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
