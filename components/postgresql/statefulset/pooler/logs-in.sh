#!/bin/sh
# Succeeds if each role of the userlist can run a query through this pooler. A pod with rotated passwords becomes ready
# only when the primary knows them too; until then the pods with the previous passwords keep serving.
set -eu
. "$(dirname "$0")/login.sh"

for role in "$CREDENTIALS"/*; do
  psql_as "${role##*/}" 127.0.0.1 "$LISTEN_PORT" "$DATABASE" --output=/dev/null --command='select 1'
done
