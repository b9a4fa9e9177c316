#!/bin/sh
# Prepares the primary's data directory, then applies roles, passwords, database, extensions and schemas to it. If the
# volume holds a standby, promotes it. Runs before every start of the pod with the server's own arguments, and can be
# killed at any point.
set -eu
. "$(dirname "$0")/promote.sh"

create_data_directory() {
  log "creating a new database cluster"
  rm -rf "$PGDATA.partial"
  initdb --pgdata="$PGDATA.partial" --username=postgres --encoding=UTF8 --locale=C.UTF-8 --data-checksums \
    --auth-local=peer --auth-host=scram-sha-256 --no-instructions >&2
  mv "$PGDATA.partial" "$PGDATA"
}

# Reachable through the socket only. The SQL that this server runs contains passwords: it must not be logged, nor
# recorded by pg_stat_statements.
start_private_server() {
  postgres "$@" -c listen_addresses= -c shared_preload_libraries= -c log_statement=none -c log_min_duration_statement=-1 \
    -c log_min_error_statement=panic &
  server=$!
  trap 'kill -INT "$server"; wait "$server"; exit 143' TERM INT
  until pg_isready --quiet; do
    kill -0 "$server" 2>/dev/null || fail "PostgreSQL does not start; see its message above"
    sleep 0.2
  done
}

stop_private_server() {
  kill -INT "$server"
  wait "$server"
}

lock_volume
if [ ! -d "$PGDATA" ] && [ ! -d "$PGDATA.new" ]; then
  refuse_empty_volume
  create_data_directory
fi
if [ ! -d "$PGDATA" ] || [ -e "$PGDATA/standby.signal" ]; then
  promote "$@"
else
  chmod 0700 "$PGDATA"
  start_private_server "$@"
fi
touch "$primary_files"
log "applying roles, database, extensions and schemas"
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --file="$(dirname "$0")/bootstrap.sql" >&2 || {
  stop_private_server
  fail "the bootstrap SQL failed; see psql's message above"
}
stop_private_server
log "the primary is prepared"
