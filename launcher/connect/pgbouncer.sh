# Arguments: those of psql. Runs in a pod of PgBouncer: its admin console, as superuser.
# shellcheck shell=sh
PGPASSFILE=$(mktemp "${USERLIST%/*}/pgpass.XXXXXX")
trap 'rm -f "$PGPASSFILE"' EXIT
printf '*:*:*:*:%s\n' "$(cat "$CREDENTIALS/superuser/password")" >"$PGPASSFILE"
export PGPASSFILE PSQL_HISTORY=/dev/null
psql --no-psqlrc --no-password --host=127.0.0.1 --port="$LISTEN_PORT" --username="$(cat "$CREDENTIALS/superuser/username")" \
  --dbname=pgbouncer "$@"
