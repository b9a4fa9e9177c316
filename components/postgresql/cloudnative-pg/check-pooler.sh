#!/bin/sh
# Check of `npm run status`, in a pooler's container: prints each problem on a line, with the command that fixes it, and
# exits 1 if there is any. The container's environment has the admin console's address.
set -eu

if ! state=$(psql --no-psqlrc --quiet --tuples-only --no-align --expanded --command='show state' 2>&1 &&
  psql --no-psqlrc --quiet --tuples-only --no-align --expanded --command='show databases' 2>&1); then
  echo "the admin console does not answer: $(printf '%s' "$state" | tr '\n' ' ')"
  exit 1
fi
# PAUSE without a database is a state of the pooler, with one of the database.
if printf '%s\n' "$state" | grep -A 1 -x 'key|paused' | grep -qx 'value|yes' || printf '%s\n' "$state" | grep -qx 'paused|1'; then
  echo "the pooler is paused. Resume it: npm run connect -- pgbouncer -- -c resume"
  exit 1
fi
