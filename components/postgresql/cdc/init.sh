#!/bin/sh
# Prepares the primary for change data capture: role, publication, slot. Runs again whenever their declaration changes.
set -eu
PGPASSWORD=$(cat "$CREDENTIALS/superuser/password")
PGUSER=$(cat "$CREDENTIALS/superuser/username")
export PGPASSWORD PGUSER PGCONNECT_TIMEOUT=5
until pg_isready --quiet; do
  echo "waiting for $PGHOST" >&2
  sleep 2
done
exec psql --no-psqlrc --quiet --tuples-only --set=ON_ERROR_STOP=1 --file="$(dirname "$0")/cdc.sql"
