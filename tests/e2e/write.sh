#!/bin/sh
# Inserts rows into the table "written", each over a new connection, and prints the number of every committed row.
# Continues after errors, a moment later as clients do, and ends when the file named by the argument exists. The login is
# in PostgreSQL's environment variables.
number=0
until [ -e "$1" ]; do
  number=$((number + 1))
  if psql -qXw -v ON_ERROR_STOP=1 -c "insert into written (id) values ($number)" >&2; then
    echo "$number"
  else
    # Without it, refused logins would take the processor that the failover needs.
    sleep 0.2
  fi
done
