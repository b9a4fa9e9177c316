# Functions of the replica's scripts that inspect its copy and the primary; sourced, never executed.
# Expects PRIMARY_HOST, PRIMARY_PORT, REPLICATION_SLOT and CREDENTIALS.
# shellcheck shell=sh
. "$(dirname "$0")/common.sh"

# Files beside PGDATA: the reason why the running copy cannot continue, and the number of starts since the server last
# answered.
# shellcheck disable=SC2034 # used by the scripts that source this file
clone_wanted=${PGDATA%/*}/.clone-wanted failed_starts=${PGDATA%/*}/.failed-starts

# Copies the password: libpq ignores a password file that the group may read, and the pod's group can read a mounted
# Secret.
export PGPASSFILE=/var/run/postgresql/pgpass
write_password_file() {
  (umask 077 && printf '%s:%s:*:%s:%s\n' "$PRIMARY_HOST" "$PRIMARY_PORT" "$(cat "$CREDENTIALS/replication/username")" \
    "$(cat "$CREDENTIALS/replication/password")" >"$PGPASSFILE")
}

# primary COMMAND: runs a command of the replication protocol on the primary; separates the fields by `|`.
primary() {
  psql --no-psqlrc --no-password --quiet --tuples-only --no-align --command="$1" "$(primary_address) replication=true"
}

primary_address() {
  printf 'host=%s port=%s user=%s dbname=postgres connect_timeout=5 sslmode=prefer' "$PRIMARY_HOST" "$PRIMARY_PORT" \
    "$(cat "$CREDENTIALS/replication/username")"
}

# field NUMBER LINE: prints one field of an answer of the primary.
field() {
  printf '%s\n' "$2" | cut -d '|' -f "$1"
}

# position LSN: prints an LSN such as 16/B374D848 as a number that can be compared.
position() {
  echo $((0x${1%/*} * 0x100000000 + 0x${1#*/}))
}

# Prints the LSN from which the primary keeps WAL for this replica; nothing if the slot is missing, or invalidated
# because it fell behind.
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

# Prints why the files in PGDATA are unusable, or nothing.
damage() {
  for entry in PG_VERSION base global/pg_filenode.map pg_wal pg_xact pg_multixact; do
    [ -e "$PGDATA/$entry" ] || { echo "$entry is missing"; return; }
  done
  for database in "$PGDATA"/base/[0-9]*; do
    [ -s "$database/PG_VERSION" ] || { echo "${database#"$PGDATA/"}/PG_VERSION is missing"; return; }
  done
  # pg_controldata only warns if the control file does not match its checksum.
  report=$(pg_controldata -D "$PGDATA" 2>&1) || { echo "its control file cannot be read"; return; }
  case $report in *[Ww][Aa][Rr][Nn][Ii][Nn][Gg]*) echo "its control file is damaged" ;; esac
}

# is_other_database IDENTITY: succeeds if the primary's database is not the one that this is a copy of. IDENTITY is its
# answer to IDENTIFY_SYSTEM.
is_other_database() {
  [ "$(control 'Database system identifier')" != "$(field 1 "$1")" ]
}

# divergence IDENTITY: prints why this copy of the primary's database can never follow it, or nothing.
divergence() {
  identity=$1
  own_timeline=$(control "Min recovery ending loc's timeline")
  [ "$own_timeline" -gt 0 ] || own_timeline=$(control "Latest checkpoint's TimeLineID")
  own_end=$(control 'Minimum recovery ending location')
  [ "$own_end" != 0/0 ] || own_end=$(control "Latest checkpoint's REDO location")
  timeline=$(field 2 "$identity")

  if [ "$timeline" -lt "$own_timeline" ]; then
    echo "it is on timeline $own_timeline and the primary still on $timeline"
  elif [ "$timeline" -gt "$own_timeline" ]; then
    # A line of the timeline history: TIMELINE<tab>LSN of the switch<tab>reason.
    left_at=$(primary "TIMELINE_HISTORY $timeline" | sed 's/^[^|]*|//' | awk -v own="$own_timeline" '$1 == own { print $2 }')
    # The checkpoint's LSN is the start of a former primary's last record; its WAL ends after that.
    [ "$(control 'Database cluster state')" = "shut down" ] && last_record=1 || last_record=0
    if [ -z "$left_at" ] || [ $(($(position "$own_end") + last_record)) -gt "$(position "$left_at")" ]; then
      echo "the primary left timeline $own_timeline before the end of this copy"
    fi
  elif [ "$(position "$own_end")" -gt "$(position "$(field 3 "$identity")")" ]; then
    echo "it is ahead of the primary"
  fi
}
