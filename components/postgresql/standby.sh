# What the replica's scripts know about their copy and about the primary; sourced, never run.
# Expects PRIMARY_HOST, PRIMARY_PORT, REPLICATION_SLOT and CREDENTIALS.
# shellcheck shell=sh
. "$(dirname "$0")/common.sh"

# Notes beside PGDATA: why the running copy was found unable to go on, and how often its server was started without answering since.
# shellcheck disable=SC2034 # used by those who source this file
clone_wanted=${PGDATA%/*}/.clone-wanted failed_starts=${PGDATA%/*}/.failed-starts

# libpq ignores a password file that the group may read, and a mounted Secret is readable by the pod's group: it is copied.
export PGPASSFILE=/var/run/postgresql/pgpass
write_password_file() {
  (umask 077 && printf '%s:%s:*:%s:%s\n' "$PRIMARY_HOST" "$PRIMARY_PORT" "$(cat "$CREDENTIALS/replication/username")" \
    "$(cat "$CREDENTIALS/replication/password")" >"$PGPASSFILE")
}

# primary COMMAND: one command of the replication protocol; fields are separated by `|`.
primary() {
  psql --no-psqlrc --no-password --quiet --tuples-only --no-align --command="$1" "$(primary_address) replication=true"
}

primary_address() {
  printf 'host=%s port=%s user=%s dbname=postgres connect_timeout=5 sslmode=prefer' "$PRIMARY_HOST" "$PRIMARY_PORT" \
    "$(cat "$CREDENTIALS/replication/username")"
}

# field NUMBER LINE
field() {
  printf '%s\n' "$2" | cut -d '|' -f "$1"
}

# An LSN such as 16/B374D848 as a number that can be compared.
position() {
  echo $((0x${1%/*} * 0x100000000 + 0x${1#*/}))
}

# Where the WAL begins that the primary keeps for us; empty if the slot is missing, or was invalidated because it fell too far behind.
slot_position() {
  slot=$(primary "READ_REPLICATION_SLOT $REPLICATION_SLOT") || return
  field 2 "$slot"
}

create_slot() {
  slot=$(primary "READ_REPLICATION_SLOT $REPLICATION_SLOT")
  if [ "$(field 1 "$slot")" = physical ]; then
    primary "DROP_REPLICATION_SLOT $REPLICATION_SLOT WAIT"
  fi
  log "creating the replication slot $REPLICATION_SLOT on the primary"
  primary "CREATE_REPLICATION_SLOT $REPLICATION_SLOT PHYSICAL (RESERVE_WAL)" >/dev/null
}

# Prints why the files in PGDATA cannot be used at all, or nothing.
damage() {
  for entry in PG_VERSION base global/pg_filenode.map pg_wal pg_xact pg_multixact; do
    [ -e "$PGDATA/$entry" ] || { echo "$entry is missing"; return; }
  done
  for database in "$PGDATA"/base/[0-9]*; do
    [ -s "$database/PG_VERSION" ] || { echo "${database#"$PGDATA/"}/PG_VERSION is missing"; return; }
  done
  # A control file that does not fit its checksum is only warned of.
  report=$(pg_controldata -D "$PGDATA" 2>&1) || { echo "its control file cannot be read"; return; }
  case $report in *[Ww][Aa][Rr][Nn][Ii][Nn][Gg]*) echo "its control file is damaged" ;; esac
}

# Prints why this copy can never follow the primary, or nothing. IDENTITY is the answer to IDENTIFY_SYSTEM.
divergence() {
  identity=$1
  own_system=$(control 'Database system identifier')
  [ "$own_system" = "$(field 1 "$identity")" ] || { echo "the primary is another database cluster"; return; }

  own_timeline=$(control "Min recovery ending loc's timeline")
  [ "$own_timeline" -gt 0 ] || own_timeline=$(control "Latest checkpoint's TimeLineID")
  own_end=$(control 'Minimum recovery ending location')
  [ "$own_end" != 0/0 ] || own_end=$(control "Latest checkpoint's REDO location")
  timeline=$(field 2 "$identity")

  if [ "$timeline" -lt "$own_timeline" ]; then
    echo "it is on timeline $own_timeline and the primary still on $timeline"
  elif [ "$timeline" -gt "$own_timeline" ]; then
    # A line of the history: TIMELINE<tab>LSN at which it was left<tab>reason.
    left_at=$(primary "TIMELINE_HISTORY $timeline" | sed 's/^[^|]*|//' | awk -v own="$own_timeline" '$1 == own { print $2 }')
    # What begins with the last record of a former primary ends after it.
    [ "$(control 'Database cluster state')" = "shut down" ] && last_record=1 || last_record=0
    if [ -z "$left_at" ] || [ $(($(position "$own_end") + last_record)) -gt "$(position "$left_at")" ]; then
      echo "the primary left timeline $own_timeline before the end of this copy"
    fi
  elif [ "$(position "$own_end")" -gt "$(position "$(field 3 "$identity")")" ]; then
    echo "it is ahead of the primary"
  fi
}
