#!/bin/sh
# Check of `npm run status`, in the primary's container: check.sh SERVERS SYNCHRONOUS MINUTES. Prints each problem of the
# cluster on a line, with the command that fixes it, and exits 1 if there is any. WAL should be archived after MINUTES.
set -eu
servers=$1 synchronous=$2 minutes=$3

healthy=true
problem() {
  echo "$*"
  healthy=false
}

ask() {
  psql --no-psqlrc --quiet --tuples-only --no-align --username=postgres --dbname="${2:-postgres}" --command="$1"
}

pods="npm run kubectl -- get pods --namespace nx-persistent --selector cnpg.io/podRole=instance"
log="npm run kubectl -- logs --namespace nx-persistent service/nx-postgresql-primary --container postgres --tail=100"

streaming=$(ask "select count(*) from pg_stat_replication where usename = 'streaming_replica' and state = 'streaming'")
if [ "$streaming" -lt $((servers - 1)) ]; then
  problem "$streaming of $((servers - 1)) replicas stream from the primary. The operator replaces a lost server by itself;" \
    "if this line stays: $pods"
fi

waiting=$(ask "select count(*) from pg_stat_activity where wait_event = 'SyncRep' and state_change < now() - interval '10 seconds'")
if [ "$synchronous" -gt "$streaming" ]; then
  problem "commits wait: $synchronous replicas must have each commit (postgresql.synchronousReplicas), and $streaming stream." \
    "Find out why: $pods"
elif [ "$waiting" -gt 0 ]; then
  problem "$waiting commits have waited for more than 10 s for a replica. See: $log"
fi

lost=$(ask "select string_agg(slot_name, ', ') from pg_replication_slots where slot_type = 'physical' and wal_status in ('unreserved', 'lost')")
if [ -n "$lost" ]; then
  problem "the slot $lost has lost WAL: its replica fell further behind than postgresql.maxSlotWalKeepSize. If it does not" \
    "catch up from the archive, delete its pod and volume claim, and the operator clones it again: $pods"
fi

archive=$(psql --no-psqlrc --quiet --tuples-only --no-align --username=postgres --dbname=postgres \
  --variable=minutes="$minutes" --file="${0%/*}/archive-problems.sql")
[ -z "$archive" ] || problem "$archive"

foreign=$(ask "select string_agg(pg_describe_object(classid, objid, 0), ', ') from data_layer.foreign_owned" nx_seller_core)
if [ -n "$foreign" ]; then
  problem "not owned by the application: $foreign. Hand over: npm run connect -- postgres -- -c" \
    "'select data_layer.hand_over(object) from data_layer.foreign_owned as object'"
fi
"$healthy"
