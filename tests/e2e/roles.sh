#!/bin/sh
# Polls two PostgreSQL servers, the second and third argument, for pg_is_in_recovery(): the first server, the second,
# and the first again. Prints the three results as one line, `-` for a failed query. Ends when the file named by the
# first argument exists. The login is in PostgreSQL's environment variables.
in_recovery() {
  PGHOST=$1 PGCONNECT_TIMEOUT=2 psql -qXAtw -c "select pg_is_in_recovery()" 2>/dev/null || echo -
}
until [ -e "$1" ]; do
  echo "$(in_recovery "$2") $(in_recovery "$3") $(in_recovery "$2")"
done
