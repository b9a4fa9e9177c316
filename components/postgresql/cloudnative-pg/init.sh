#!/bin/sh
# Completes the database on the primary, as superuser: owners of all objects. Runs again with each new password, and ends
# when every role can log in with its password, so that whatever waits for it finds them valid. Idempotent.
set -eu
here=$(dirname "$0")
export PGCONNECT_TIMEOUT=5

# as ROLE COMMAND...: runs a client of libpq with the login of a directory of CREDENTIALS.
as() {
  login=$CREDENTIALS/$1
  shift
  PGUSER=$(cat "$login/username") PGPASSWORD=$(cat "$login/password") "$@"
}

# await ROLE: until the operator has set the password.
await() {
  said=
  until answer=$(as "$1" psql --no-psqlrc --quiet --output=/dev/null --command='select 1' 2>&1); do
    [ "$answer" = "$said" ] || printf '%s\n' "$answer" >&2
    said=$answer
    sleep 1
  done
}

await superuser
await app
as superuser psql --no-psqlrc --quiet --tuples-only --output=/dev/null --set=ON_ERROR_STOP=1 --file="$here/ownership.sql"
