#!/bin/sh
# Check of `npm run status`: prints each problem of this pooler on a line, with the command that fixes it, and exits 1 if
# there is any.
set -eu
. "$(dirname "$0")/login.sh"

healthy=true
problem() {
  echo "$*"
  healthy=false
}

console() {
  psql_as superuser 127.0.0.1 "$LISTEN_PORT" pgbouncer --expanded --command="$1"
}

# PAUSE without a database is a state of the pooler, with one of the database.
if ! state=$(console 'show state' 2>&1 && console 'show databases' 2>&1); then
  problem "the admin console does not answer: $(printf '%s' "$state" | tr '\n' ' ')"
elif printf '%s\n' "$state" | grep -A 1 -x 'key|paused' | grep -qx 'value|yes' || printf '%s\n' "$state" | grep -qx 'paused|1'; then
  problem "the pooler is paused. Resume it: npm run connect -- pgbouncer -- -c resume"
  exit 1
fi

for directory in "$CREDENTIALS"/*; do
  role=${directory##*/}
  name=$(cat "$directory/username")
  # A new login at the server: the pooler's own connections have logged in before.
  if ! error=$(psql_as "$role" "$PRIMARY_HOST" "$PRIMARY_PORT" "$DATABASE" --output=/dev/null --command='select 1' 2>&1); then
    case $error in
      *'password authentication failed'* | *'does not exist'* | *'not permitted to log in'*)
        problem "PostgreSQL refuses the login of $name with the password of its Secret. A restart of the primary sets" \
          "both again: npm run kubectl -- delete pod --namespace nx-persistent --selector" \
          "app.kubernetes.io/name=postgresql,app.kubernetes.io/component=primary"
        ;;
      *) problem "$name cannot log in to PostgreSQL: $(printf '%s' "$error" | tr '\n' ' ')" ;;
    esac
  elif ! error=$(psql_as "$role" 127.0.0.1 "$LISTEN_PORT" "$DATABASE" --output=/dev/null --command='select 1' 2>&1); then
    problem "$name gets no answer through the pooler. What it waits for: npm run connect -- pgbouncer -- -c 'show pools';" \
      "$(printf '%s' "$error" | tr '\n' ' ')"
  fi
done
"$healthy"
