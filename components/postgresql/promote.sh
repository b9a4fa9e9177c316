# Sourced by the primary's init step: makes the primary of a volume that holds a standby. It was the configuration that changed the
# roles, so the former primary is on its way to be a standby too; only when it says that it is, there can be no second primary.
# Expects FORMER_PRIMARY_HOST, FORMER_PRIMARY_PORT, REPLICATION_SLOT, CREDENTIALS, and OTHER_SERVER_LOST.
# shellcheck shell=sh
PRIMARY_HOST=$FORMER_PRIMARY_HOST PRIMARY_PORT=$FORMER_PRIMARY_PORT
. "$(dirname "$0")/prepare-replica.sh"

# To be called before anything is made of a volume without a database.
refuse_empty_volume() {
  write_password_file
  if primary IDENTIFY_SYSTEM >/dev/null 2>&1; then
    fail "this volume is empty, and $FORMER_PRIMARY_HOST has a database: nothing is created that would take its place." \
      "Make that server the primary (postgresql.primaryServer)"
  fi
}

# Returns when the former primary is a standby, or, if it was declared lost, when it does not answer.
await_former_primary() {
  said=
  until answer=$(primary "SHOW in_hot_standby" 2>&1) && [ "$answer" = on ]; do
    if [ "$OTHER_SERVER_LOST" = true ]; then
      [ "$answer" != off ] || fail "$FORMER_PRIMARY_HOST was declared lost, but is alive, and is a primary"
      log "not asking $FORMER_PRIMARY_HOST, which is lost, and with it all that it had not handed over: $answer"
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

# Returns when this server has all that the former primary has. Both are standbys by now: nothing is added.
catch_up() {
  said=
  until identity=$(primary IDENTIFY_SYSTEM) &&
    [ "$(position "$(ask 'select pg_last_wal_replay_lsn()')")" -ge "$(position "$(field 3 "$identity")")" ]; do
    # shellcheck disable=SC2154 # of the private server that init-primary.sh has started
    kill -0 "$server" || fail "PostgreSQL has ended; its own message stands above"
    [ -n "$said" ] || log "receiving what $FORMER_PRIMARY_HOST still has"
    said=yes
    sleep 0.2
  done
  [ "$(control 'Database system identifier')" = "$(field 1 "$identity")" ] ||
    fail "$FORMER_PRIMARY_HOST is another database cluster"
}

# Who reads changes goes on here from the copy of its slot. One that was not copied yet (that takes a while after the standby was made)
# cannot be had any more, now that both servers are standbys, and a new one would begin after what has not been read.
refuse_slots_without_copy() {
  names="select slot_name from pg_replication_slots as slot
    where to_jsonb(slot) ->> 'failover' = 'true' and not temporary and wal_status is distinct from 'lost'"
  copied=$(ask "$names")
  wanted=$(psql --no-psqlrc --no-password --quiet --tuples-only --no-align --command="$names" "$(primary_address)")
  for slot in $wanted; do
    printf '%s\n' "$copied" | grep -qxF "$slot" || {
      stop_private_server
      fail "this server has no copy of the replication slot $slot yet, and what is to be read from it would be lost." \
        "Take the change of postgresql.primaryServer back, and wait until the standby's pg_replication_slots shows the slot as not temporary"
    }
  done
}

# promote ARGUMENT...: with the server's arguments; leaves the private server running.
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
  [ "$(ask 'select pg_promote(true, 3600)')" = t ] || fail "the promotion failed; PostgreSQL's message stands above"
  ask "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '$REPLICATION_SLOT'" >/dev/null
  # The former primary has everything up to here: WAL is kept for it from the first moment.
  if [ "$answer" = on ]; then
    ask "select pg_create_physical_replication_slot('$REPLICATION_SLOT', true)" >/dev/null
  fi
  rm -f "$failed_starts"
}
