# Shared by the scripts of the primary and of the replica; sourced, never run.
# Expects PGDATA. The volume is mounted one level above it: an ext4 volume has a `lost+found` that initdb refuses.
# Directories beside PGDATA: `.partial` is being filled (garbage after a crash), `.new` is complete and only has to be moved in.
# shellcheck shell=sh

# A note beside PGDATA: these files are those of the primary, or of a former one that does not follow its successor yet. Then they
# may hold what no other server has.
# shellcheck disable=SC2034 # used by those who source this file
primary_files=${PGDATA%/*}/.primary

export LC_ALL=C
export PGHOST=/var/run/postgresql PGUSER=postgres PGDATABASE=postgres PGCONNECT_TIMEOUT=5

# As process 1 a shell ignores SIGTERM unless it traps it, and the pod would linger until its grace period is over.
trap 'exit 143' TERM INT

log() {
  printf '%s %s\n' "$(date -u '+%Y-%m-%d %H:%M:%S UTC')" "$*" >&2
}

fail() {
  log "ERROR: $*"
  exit 1
}

# Takes the volume for this container and all that it becomes: every PostgreSQL process inherits descriptor 9, so the lock is free
# only when the last of them is gone. This is what keeps a pod that was deleted by force from sharing its files with its successor,
# and what makes it safe to remove a postmaster.pid whose process number means nothing in this container.
lock_volume() {
  command -v flock >/dev/null || fail "there is no flock in this image, and without it the volume cannot be guarded"
  exec 9>"${PGDATA%/*}/.lock"
  if ! flock -n 9; then
    log "waiting for the previous PostgreSQL on this volume to end"
    until flock -n 9; do sleep 1; done
  fi
  rm -f "$PGDATA/postmaster.pid"
}

# control FIELD: one value of pg_controldata, such as 'Database system identifier'.
control() {
  pg_controldata -D "$PGDATA" | sed -n "s/^$1: *//p"
}
