# Sourced by the replica's init step and by its start script: makes sure that PGDATA has a copy of the primary that can
# follow it. Decides again at every start, and never removes a usable copy because the primary is unreachable.
# shellcheck shell=sh
. "$(dirname "$0")/standby.sh"

# clone_reason IDENTITY: prints why the primary must be cloned again, or nothing. IDENTITY is its answer to
# IDENTIFY_SYSTEM.
clone_reason() {
  if is_other_database "$1"; then
    # A primary whose volume was lost while this server did not answer has created an empty database. Then this copy may be
    # the only one that is left. The files of a former primary are not removed, but set aside.
    [ -e "$primary_files" ] ||
      fail "the primary $PRIMARY_HOST has another database than this server. Its volume may have been lost while this server was" \
        "down: then make this server the primary (docs/operations.md, \"When a volume is lost\"). If you need nothing that is in" \
        "this server, remove $PGDATA and restart the pod"
    echo "the primary has another database"
  elif [ -s "$clone_wanted" ]; then
    cat "$clone_wanted"
  elif [ "$(cat "$failed_starts" 2>/dev/null)" = 3 ]; then
    # Only once: if the next copy does not start either, the files are not the cause.
    echo "the server failed to start from it three times"
  else
    divergence "$1"
  fi
}

# After a promotion there is no standby.signal, and the control file's state is not a recovery state: these files may be
# the only good ones. If only standby.signal is missing, restores it; otherwise the server would start as a second
# primary.
was_promoted() {
  [ ! -e "$PGDATA/standby.signal" ] || return 1
  case $(control 'Database cluster state') in
    *recovery*) touch "$PGDATA/standby.signal" && return 1 ;;
    *) return 0 ;;
  esac
}

# step_down ARGUMENT...: takes the server's arguments. Turns the former primary into a standby after the configuration
# changed the roles.
step_down() {
  if [ ! -e "$primary_files" ] || [ -e "$PGDATA/standby.signal" ]; then return 0; fi
  log "this server was the primary and becomes a standby"
  # WAL must end with a checkpoint, so that divergence() can tell whether the successor has all of it.
  if [ "$(control 'Database cluster state')" != "shut down" ]; then
    postgres --single -D "$PGDATA" "$@" template1 </dev/null >&2 || fail "recovery failed; see PostgreSQL's message above"
  fi
  touch "$PGDATA/standby.signal"
}

# Files that may contain data that no other server has are never removed automatically.
set_aside() {
  [ ! -e "$PGDATA.former" ] || fail "$PGDATA.former already exists: inspect it and remove it, then this server clones the primary"
  mv "$PGDATA" "$PGDATA.former"
  rm -f "$primary_files"
  log "the files of the former primary are kept as $PGDATA.former: remove them when nothing is missed"
}

# Succeeds if a second copy fits on the volume, with a tenth to spare.
room_for_second_copy() {
  used=$(du -sk "$PGDATA" | cut -f 1)
  available=$(df -Pk "${PGDATA%/*}" | awk 'NR == 2 { print $4 }')
  [ "$available" -gt $((used + used / 10)) ]
}

take_copy() {
  log "cloning the primary $PRIMARY_HOST: $1"
  rm -rf "$PGDATA.partial"
  if [ -d "$PGDATA" ] && [ -e "$primary_files" ]; then set_aside; fi
  if [ -d "$PGDATA" ] && ! room_for_second_copy; then
    log "no room for two copies: removing the old one first"
    rm -rf "$PGDATA"
  fi
  kept_from=$(slot_position)
  [ -n "$kept_from" ] || create_slot
  pg_basebackup --pgdata="$PGDATA.partial" --dbname="$(primary_address)" --no-password --slot="$REPLICATION_SLOT" --wal-method=stream \
    --checkpoint=fast --write-recovery-conf --progress &
  # In the background: the shell handles SIGTERM only while it waits, not while a foreground command runs.
  wait $! || fail "pg_basebackup failed; see its message above"
  mv "$PGDATA.partial" "$PGDATA.new"
  install_new_copy
  log "the clone is complete"
}

# Also completes an installation that a crash interrupted between two renames.
install_new_copy() {
  [ -d "$PGDATA.new" ] || return 0
  rm -rf "$PGDATA"
  mv "$PGDATA.new" "$PGDATA"
  rm -f "$clone_wanted"
}

# Only the replica creates the slot, because only it knows where its own WAL ends. A slot created elsewhere would hide
# that WAL is missing.
secure_slot() {
  kept_from=$(slot_position)
  [ -z "$kept_from" ] || return 0
  create_slot
  own_end=$(control 'Minimum recovery ending location')
  [ "$own_end" != 0/0 ] || own_end=$(control "Latest checkpoint's REDO location")
  [ "$(position "$own_end")" -ge "$(position "$(slot_position)")" ] || take_copy "its slot was lost, and WAL with it"
}

wait_for_primary() {
  said=
  until answer=$(primary IDENTIFY_SYSTEM 2>&1); do
    [ "$answer" = "$said" ] || log "waiting for the primary: $answer"
    said=$answer
    sleep 1
  done
}

# prepare_replica ARGUMENT...: takes the server's arguments.
prepare_replica() {
  write_password_file
  lock_volume
  install_new_copy
  if [ -d "$PGDATA" ]; then reason=$(damage); else reason="there is no copy yet"; fi
  [ -n "$reason" ] || step_down "$@"
  if [ -n "$reason" ]; then
    if [ -e "$PGDATA/base" ] && [ ! -e "$PGDATA/standby.signal" ]; then
      fail "the files in $PGDATA are damaged ($reason) and did not belong to a standby: inspect them, then remove them by hand"
    fi
    wait_for_primary
    take_copy "$reason"
  elif was_promoted; then
    log "this copy was promoted and stays a primary. To make it a replica again, remove $PGDATA and restart the pod"
  elif identity=$(primary IDENTIFY_SYSTEM); then
    reason=$(clone_reason "$identity")
    if [ -n "$reason" ]; then take_copy "$reason"; else secure_slot; fi
  else
    log "the primary is unreachable: continuing with the existing copy"
  fi
  chmod 0700 "$PGDATA"
}
