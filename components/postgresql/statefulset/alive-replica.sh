#!/bin/sh
# Liveness of the replica. It passes while the server answers and streams, can stream again, or waits for the primary.
# It fails only if a restart helps. If the copy must be replaced, it writes the reason to $clone_wanted for that restart.
set -eu
sh "$(dirname "$0")/alive.sh"
. "$(dirname "$0")/standby.sh"

# Prints one line: `promoted`, `streaming` or the LSN where the local WAL ends, then the directories of all databases.
state() {
  psql --no-psqlrc --quiet --tuples-only --no-align --field-separator=' ' --command="
    select case when not pg_is_in_recovery() then 'promoted'
                when exists (select from pg_stat_wal_receiver where status = 'streaming') then 'streaming'
                else greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::text end,
           (select string_agg(oid::text, ' ') from pg_database)"
}

# Drops the slots of a former primary: nothing reads them any more, and they would keep WAL forever. Slots that are
# synchronized from the primary (`synced`, since PostgreSQL 17) are kept.
drop_own_slots() {
  psql --no-psqlrc --quiet --output=/dev/null --command="
    select pg_drop_replication_slot(slot_name) from pg_replication_slots as slot
     where not active and to_jsonb(slot) ->> 'synced' is distinct from 'true'"
}

# A server that is still recovering rejects connections.
pg_isready --quiet || exit 0
state=$(state)
rm -f "$failed_starts"
progress=${state%% *}
[ "$progress" != promoted ] || exit 0

for database in ${state#* }; do
  if [ ! -s "$PGDATA/base/$database/PG_VERSION" ]; then
    echo "base/$database is missing" | tee "$clone_wanted" >&2
    exit 1
  fi
done
if [ "$progress" = streaming ]; then
  rm -f "$clone_wanted"
  if [ -e "$primary_files" ]; then drop_own_slots && rm -f "$primary_files"; fi
  exit 0
fi

identity=$(primary IDENTIFY_SYSTEM 2>/dev/null) || exit 0
if is_other_database "$identity"; then
  # The restart says what to do, see prepare-replica.sh.
  log "the primary has another database than this server"
  exit 1
fi
reason=$(divergence "$identity")
if [ -z "$reason" ]; then
  kept_from=$(slot_position) || exit 0
  [ -n "$kept_from" ] || { log "the replication slot is gone"; exit 1; }
  [ "$(position "$kept_from")" -gt "$(position "$progress")" ] || exit 0
  reason="the primary no longer has the WAL that follows it"
fi
log "not streaming: $reason"
echo "$reason" >"$clone_wanted"
exit 1
