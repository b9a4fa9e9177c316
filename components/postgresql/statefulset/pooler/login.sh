# Sourced by the pooler's scripts. Runs SQL as one of the roles whose Secrets are mounted below CREDENTIALS.
# shellcheck shell=sh

# A file of its own for each run: probe, check and operators may run at the same time.
PGPASSFILE=$(mktemp "${USERLIST%/*}/pgpass.XXXXXX")
export PGPASSFILE
trap 'rm -f "$PGPASSFILE"' EXIT

# psql_as ROLE HOST PORT DATABASE ARGUMENT...: ROLE is a directory of CREDENTIALS.
psql_as() {
  printf '*:*:*:*:%s\n' "$(cat "$CREDENTIALS/$1/password")" >"$PGPASSFILE"
  address="host=$2 port=$3 dbname=$4 user=$(cat "$CREDENTIALS/$1/username") connect_timeout=5"
  shift 4
  # A paused pooler accepts the login and never answers the query.
  timeout 6 psql --no-psqlrc --no-password --quiet --tuples-only --no-align "$@" "$address"
}
