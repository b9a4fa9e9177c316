#!/bin/sh
# Asks two PostgreSQL servers, the second and third argument, again and again whether they are in recovery: the first one, the second
# one, and the first one once more. Prints the three answers as a line, `-` for none. Ends when the file named by the first argument
# exists. The login comes from PostgreSQL's environment.
in_recovery() {
  PGHOST=$1 PGCONNECT_TIMEOUT=2 psql -qXAtw -c "select pg_is_in_recovery()" 2>/dev/null || echo -
}
until [ -e "$1" ]; do
  echo "$(in_recovery "$2") $(in_recovery "$3") $(in_recovery "$2")"
done
