#!/bin/bash
# replication.sh caught-up|dispensable|problems: checks how partitions are replicated, in the view of the broker in this
# pod.
#   caught-up    it is registered, and in sync in every partition that it has a replica of
#   dispensable  without it, every such partition keeps MIN_IN_SYNC replicas in sync, or all others if there are fewer
#   problems     every partition of every broker has a leader and all replicas in sync; prints a line for each problem
#
# Probes run every few seconds, and Kafka's own clients are Java programs that take seconds of CPU time to start. So
# this script sends the only request that it needs, Metadata version 1 for all topics: size, key 3, version 1,
# correlation, no client id, null.
set -eu -o pipefail
question=$1

exec 3<>"/dev/tcp/127.0.0.1/$INTERNAL_PORT"
printf '\0\0\0\016\0\003\0\001\0\0\0\0\377\377\377\377\377\377' >&3
# shellcheck disable=SC2046 # four numbers
set -- $(dd bs=1 count=4 <&3 2>/dev/null | od -An -v -tu1)
[ $# -eq 4 ] || { echo "the broker closed the connection" >&2; exit 1; }

size=$(((($1 * 256 + $2) * 256 + $3) * 256 + $4))
head -c "$size" <&3 | od -An -v -tu1 -w1 | awk -v question="$question" -v node="${POD_NAME##*-}" -v least="$MIN_IN_SYNC" '
  { byte[NR] = $1 + 0 }
  function int16() { at += 2; return byte[at - 1] * 256 + byte[at] }
  function int32() { return int16() * 65536 + int16() }
  function string(  length_) { length_ = int16(); if (length_ < 65535) at += length_ }
  function name(  length_, text) { for (length_ = int16(); length_ > 0; length_--) text = text sprintf("%c", byte[++at]); return text }
  # Reads a list of nodes; returns their number, and sets `mine` if this node is among them.
  function nodes(  count, i) {
    mine = 0
    count = int32()
    for (i = 0; i < count; i++) {
      id = int32()
      if (id == node) mine = 1
      if (!(id in known)) missing[id] = 1
    }
    return count
  }
  function names(topics_,  topic_, text) { for (topic_ in topics_) text = text " " topic_; return text }
  END {
    at = 4 # correlation
    brokers = int32()
    for (b = 0; b < brokers; b++) {
      id = int32()
      known[id] = 1
      if (id == node) registered = 1
      string(); int32(); string() # host, port, rack
    }
    int32() # controller
    topics = int32()
    for (t = 0; t < topics; t++) {
      int16(); topic = name(); at += 1 # error, is internal
      partitions = int32()
      for (p = 0; p < partitions; p++) {
        int16(); int32() # error, number
        if (int32() > 2147483647) { offline++; offline_in[topic] = 1 }
        replicas = nodes(); has = mine
        in_sync = nodes(); synced = mine
        if (in_sync < replicas) under++
        if (in_sync < least && in_sync < replicas) { few++; few_in[topic] = 1 }
        if (!has) continue
        if (!synced) lagging += 1
        spare = least < replicas - 1 ? least : replicas - 1
        if (synced && in_sync - 1 < spare) needed += 1
      }
    }
    if (question == "problems") {
      for (id in missing) print "broker nx-kafka-" id " is not in service. See why: npm run kubectl -- logs --namespace nx-broker nx-kafka-" \
        id " --all-containers --tail 20"
      if (offline) print offline " partitions have no leader, of the topics" names(offline_in) ": they can neither be read nor written. " \
        "Bring back the brokers that have them"
      if (few) print few " partitions have fewer than " least " replicas in sync, of the topics" names(few_in) ": writes with acks=all fail"
      if (under) print under " partitions are not fully replicated yet: brokers that come back catch up by themselves"
      exit (under || offline)
    }
    if (question == "caught-up" && !registered) { print "not in service"; exit 1 }
    if (question == "caught-up" && lagging) { print lagging " partitions are not in sync"; exit 1 }
    if (question == "dispensable" && needed) { print needed " partitions need this broker"; exit 1 }
  }'
