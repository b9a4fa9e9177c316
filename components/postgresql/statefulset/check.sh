#!/bin/sh
# Check of `npm run status`, on both servers: prints each problem on a line, with the command that fixes it, and exits 1
# if there is any.
set -eu
here=$(dirname "$0")
. "$here/common.sh"

healthy=true
problem() {
  echo "$*"
  healthy=false
}

ask() {
  psql --no-psqlrc --quiet --tuples-only --no-align --dbname="${2:-postgres}" --command="$1"
}

check_primary() {
  status=$(ask "select wal_status from pg_replication_slots where slot_type = 'physical' and wal_status in ('unreserved', 'lost')")
  if [ -n "$status" ]; then
    problem "the replica's slot is $status: the replica fell further behind than postgresql.maxSlotWalKeepSize, and must" \
      "clone the primary again. It does so by itself: npm run kubectl -- logs --namespace nx-persistent --selector" \
      "app.kubernetes.io/component=replica --all-containers"
  fi
  foreign=$(ask "select string_agg(pg_describe_object(classid, objid, 0), ', ') from data_layer.foreign_owned" "$APP_DATABASE")
  if [ -n "$foreign" ]; then
    problem "not owned by the application: $foreign. Hand over: npm run connect -- postgres -- -c" \
      "'select data_layer.hand_over(object) from data_layer.foreign_owned as object'"
  fi
}

check_replica() {
  . "$here/standby.sh"
  PGPASSFILE=$(mktemp)
  trap 'rm -f "$PGPASSFILE"' EXIT
  write_password_file
  log_command="npm run kubectl -- logs --namespace nx-persistent --selector app.kubernetes.io/component=replica --all-containers"
  # Also while it streams: a changed password would keep it from streaming again.
  if ! answer=$(primary IDENTIFY_SYSTEM 2>&1); then
    case $answer in
      *'password authentication failed'* | *'does not exist'* | *'not permitted to log in'* | *'permission denied'*)
        problem "the primary refuses the login of $(cat "$CREDENTIALS/replication/username") with the password of its Secret." \
          "A restart of the primary sets both again: npm run kubectl -- delete pod --namespace nx-persistent --selector" \
          "app.kubernetes.io/name=postgresql,app.kubernetes.io/component=primary"
        ;;
      *) problem "the replica does not reach the primary: $(printf '%s' "$answer" | tr '\n' ' ')" ;;
    esac
  elif [ -z "$(slot_position)" ]; then
    problem "the replica's slot $REPLICATION_SLOT on the primary is missing or lost. The replica creates it again within a" \
      "minute; if not: $log_command"
  elif [ -z "$(ask "select 1 from pg_stat_wal_receiver where status = 'streaming'")" ]; then
    problem "the replica does not stream from the primary. The reason is in its log: $log_command"
  fi
}

if [ "$(ask 'select pg_is_in_recovery()')" = t ]; then check_replica; else check_primary; fi
"$healthy"
