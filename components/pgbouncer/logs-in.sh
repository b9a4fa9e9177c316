#!/bin/sh
# Succeeds if each role of the userlist can run a query through this pooler. A pod with rotated passwords becomes ready
# only when the primary knows them too; until then the pods with the previous passwords keep serving.
set -eu
export PGPASSFILE="${USERLIST%/*}/pgpass"

for role in "$CREDENTIALS"/*; do
  (umask 077 && printf '*:*:*:*:%s\n' "$(cat "$role/password")" >"$PGPASSFILE")
  psql --no-psqlrc --no-password --quiet --output=/dev/null --command='select 1' \
    "host=127.0.0.1 port=$LISTEN_PORT dbname=$DATABASE user=$(cat "$role/username") connect_timeout=5"
done
