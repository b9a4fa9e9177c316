#!/bin/sh
# Inserts rows into the table "written", each over a connection of its own, and prints the number of every row that the server has
# said is committed. Errors do not stop it, only the file named by the argument does. The login comes from PostgreSQL's environment.
number=0
until [ -e "$1" ]; do
  number=$((number + 1))
  if psql -qXw -v ON_ERROR_STOP=1 -c "insert into written (id) values ($number)" >&2; then
    echo "$number"
  fi
done
