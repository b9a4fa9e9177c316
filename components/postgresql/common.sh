# Shared by the scripts of the primary and of the replica; sourced, never executed. Expects PGDATA. The volume is
# mounted one level above it: an ext4 volume has a `lost+found` that initdb refuses. Directories beside PGDATA:
# `.partial` is being filled (garbage after a crash), `.new` is complete and must only be renamed.
# shellcheck shell=sh

# Marker beside PGDATA: the files belong to the primary, or to a former primary that does not follow its successor yet.
# They may contain data that no other server has.
# shellcheck disable=SC2034 # used by the scripts that source this file
primary_files=${PGDATA%/*}/.primary

export LC_ALL=C
export PGHOST=/var/run/postgresql PGUSER=postgres PGDATABASE=postgres PGCONNECT_TIMEOUT=5

# As process 1 a shell ignores SIGTERM unless it traps it, and the pod would take its whole grace period to stop.
trap 'exit 143' TERM INT

log() {
  printf '%s %s\n' "$(date -u '+%Y-%m-%d %H:%M:%S UTC')" "$*" >&2
}

fail() {
  log "ERROR: $*"
  exit 1
}

# Locks the volume for this container. Every PostgreSQL process inherits descriptor 9, so the lock is released only when
# the last of them has exited. So a pod that was deleted by force does not share its files with its successor, and it is
# safe to remove a postmaster.pid, whose PID means nothing in this container.
lock_volume() {
  command -v flock >/dev/null || fail "this image has no flock, and without it the volume cannot be locked"
  exec 9>"${PGDATA%/*}/.lock"
  if ! flock -n 9; then
    log "waiting for the previous PostgreSQL on this volume to exit"
    until flock -n 9; do sleep 1; done
  fi
  rm -f "$PGDATA/postmaster.pid"
}

# control FIELD: prints one value of pg_controldata, such as 'Database system identifier'.
control() {
  pg_controldata -D "$PGDATA" | sed -n "s/^$1: *//p"
}
