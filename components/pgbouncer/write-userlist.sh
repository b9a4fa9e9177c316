#!/bin/sh
# Writes PgBouncer's userlist.txt from the mounted Secrets: a folder with username and password for each role under CREDENTIALS.
set -eu

# In userlist.txt a quotation mark is written twice.
quoted() {
  sed 's/"/""/g; s/^/"/; s/$/"/' "$1"
}

umask 077
for role in "$CREDENTIALS"/*; do
  printf '%s %s\n' "$(quoted "$role/username")" "$(quoted "$role/password")"
done >"$USERLIST"
