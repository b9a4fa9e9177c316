#!/bin/sh
# Writes PgBouncer's userlist.txt from the mounted Secrets: CREDENTIALS has a directory with username and password for
# each role.
set -eu

# userlist.txt escapes a quotation mark by doubling it.
quoted() {
  sed 's/"/""/g; s/^/"/; s/$/"/' "$1"
}

umask 077
for role in "$CREDENTIALS"/*; do
  printf '%s %s\n' "$(quoted "$role/username")" "$(quoted "$role/password")"
done >"$USERLIST"
