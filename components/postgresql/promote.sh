# Sourced by the primary's init step: promotes the standby on the volume. The configuration changed the roles, so the
# former primary becomes a standby too. Waits until it reports that: only then can there be no second primary.
# Expects FORMER_PRIMARY_HOST, FORMER_PRIMARY_PORT, REPLICATION_SLOT, CREDENTIALS, and OTHER_SERVER_LOST.
# shellcheck shell=sh
PRIMARY_HOST=$FORMER_PRIMARY_HOST PRIMARY_PORT=$FORMER_PRIMARY_PORT
. "$(dirname "$0")/prepare-replica.sh"

# Call this before creating anything on a volume without a database.
refuse_empty_volume() {
  write_password_file
  if primary IDENTIFY_SYSTEM >/dev/null 2>&1; then
    fail "this volume is empty, and $FORMER_PRIMARY_HOST has a database: not creating a database that would replace it." \
      "Make that server the primary (postgresql.primaryServer)"
  fi
}

# Returns when the former primary is a standby, or, if it was declared lost, does not answer as a primary.
await_former_primary() {
  said=
  until answer=$(primary "SHOW in_hot_standby" 2>&1) && [ "$answer" = on ]; do
    if [ "$OTHER_SERVER_LOST" = true ]; then
      [ "$answer" != off ] || fail "$FORMER_PRIMARY_HOST was declared lost, but it is running as a primary"
      log "not waiting for $FORMER_PRIMARY_HOST, which was declared lost. What it had not replicated is lost too: $answer"
      return
    fi
    [ "$answer" = "$said" ] || log "waiting for $FORMER_PRIMARY_HOST to be a standby (if it is lost for good, set postgresql.otherServerLost): $answer"
    said=$answer
    sleep 1
  done
}

ask() {
  psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 --command="$1"
}

# Returns when this server has all WAL of the former primary. Both are standbys now, so no WAL is added.
catch_up() {
  said=
  until identity=$(primary IDENTIFY_SYSTEM) &&
    [ "$(position "$(ask 'select pg_last_wal_replay_lsn()')")" -ge "$(position "$(field 3 "$identity")")" ]; do
    # shellcheck disable=SC2154 # set by start_private_server in init-primary.sh
    kill -0 "$server" || fail "PostgreSQL has exited; see its message above"
    [ -n "$said" ] || log "receiving what $FORMER_PRIMARY_HOST still has"
    said=yes
    sleep 0.2
  done
  [ "$(control 'Database system identifier')" = "$(field 1 "$identity")" ] ||
    fail "$FORMER_PRIMARY_HOST is another database cluster"
}

# Consumers of changes continue on this server from the copy of their slot. A slot that is not copied yet (this takes a
# while after the standby was created) cannot be copied now that both servers are standbys, and a new slot would start
# after the unread changes.
refuse_slots_without_copy() {
  names="select slot_name from pg_replication_slots as slot
    where to_jsonb(slot) ->> 'failover' = 'true' and not temporary and wal_status is distinct from 'lost'"
  copied=$(ask "$names")
  wanted=$(psql --no-psqlrc --no-password --quiet --tuples-only --no-align --command="$names" "$(primary_address)")
  for slot in $wanted; do
    printf '%s\n' "$copied" | grep -qxF "$slot" || {
      stop_private_server
      fail "this server has no copy of the replication slot $slot yet: changes that are not read from it would be lost." \
        "Undo the change of postgresql.primaryServer, and wait until the standby's pg_replication_slots shows the slot as not temporary"
    }
  done
}

# promote ARGUMENT...: takes the server's arguments; leaves the private server running.
promote() {
  write_password_file
  install_new_copy
  chmod 0700 "$PGDATA"
  reason=$(damage)
  [ -n "$reason" ] || reason=$(cat "$clone_wanted" 2>/dev/null) || :
  [ -z "$reason" ] || fail "the copy on this volume cannot become the primary: $reason"
  await_former_primary
  if [ "$answer" = on ]; then
    start_private_server "$@" -c hot_standby=on -c primary_slot_name= -c "primary_conninfo=$(primary_address) passfile=$PGPASSFILE"
    catch_up
    refuse_slots_without_copy
  else
    start_private_server "$@" -c hot_standby=on -c primary_slot_name= -c primary_conninfo=
  fi
  log "promoting this server"
  [ "$(ask 'select pg_promote(true, 3600)')" = t ] || fail "the promotion failed; see PostgreSQL's message above"
  ask "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '$REPLICATION_SLOT'" >/dev/null
  # The former primary has everything up to this point: the slot keeps all later WAL for it.
  if [ "$answer" = on ]; then
    ask "select pg_create_physical_replication_slot('$REPLICATION_SLOT', true)" >/dev/null
  fi
  rm -f "$failed_starts"
}
