# shellcheck shell=sh
# Health of the capture is progress: the connector's committed source offset. It moves only when a change went from its
# table through the slot to Kafka, and Kafka acknowledged it. Debezium writes a heartbeat to the database every ten
# seconds, so it moves in an idle database too. Sourced by ready.sh, alive.sh and check.sh.
#
# WORKER     URL of the worker in this pod
# POD_IP     address under which the other workers know it
# CONNECTOR  name of the connector
# STATE      folder of the files that the probes keep; it outlives a restart of the container
# LOGS       folder of the log files problems.log and snapshot.log

# The time of the last progress, then the mark by which progress is measured.
progress=$STATE/progress
# How many restarts since the last progress, then the time before which there is no other one.
restarts=$STATE/restarts
# Errors since the last progress. Debezium restarts itself after some, and the task's state stays RUNNING.
problems=$LOGS/problems.log
# Seconds without progress after which nothing gets through: six heartbeats.
patience=60

get() {
  curl --silent --max-time 3 "$WORKER$1" || true
}

answers() {
  curl --silent --fail --max-time 3 --output /dev/null "$WORKER/"
}

# Whether the connector or its task has failed.
failed() {
  case $(get "/connectors/$CONNECTOR/status") in
    *'"state":"FAILED"'*) ;;
    *) return 1 ;;
  esac
}

# Whether the connector's task runs at another worker.
elsewhere() {
  at=$(get "/connectors/$CONNECTOR/status" |
    sed -n 's/.*"tasks":\[{"id":0,"state":"[A-Z_]*","worker_id":"\([^"]*\)".*/\1/p')
  case $at in
    '' | "$POD_IP":*) return 1 ;;
  esac
}

# Prints the committed offset, or nothing if the worker does not know it. A snapshot commits the same offset for all
# rows of a table: there, the number of rows in the log counts too, and only the worker with the task has that log.
mark() {
  offsets=$(get "/connectors/$CONNECTOR/offsets")
  case $offsets in
    '{"offsets":'*) ;;
    *) return 0 ;;
  esac
  rows=$(tail -n 1 "$LOGS/snapshot.log" 2>/dev/null) || true
  case $offsets in
    *'"snapshot'*) ! elsewhere || rows=$(date +%s) ;;
  esac
  printf '%s %s\n' "$offsets" "$rows"
}

# Seconds since the last progress, or since the pod's first probe.
silence() {
  echo $(($(date +%s) - $(sed -n 1p "$progress" 2>/dev/null || date +%s)))
}

# Whether nothing got through for too long. A new pod has the same time to begin: the rollout that may fix the connector
# must not wait for it.
stalled() {
  [ "$(silence)" -ge "$patience" ]
}

# exception STATUS: the first line of the stack trace in a connector's status, and the last cause in it.
exception() {
  trace=$(printf '%s\n' "$1" | sed -n 's/.*"trace":"//p' | sed 's/\([^\\]\)"}.*/\1/')
  first=${trace%%\\n*}
  cause=${trace##*\\nCaused by: }
  [ "$cause" = "$trace" ] || first="$first: ${cause%%\\n*}"
  printf '%s\n' "$first" | sed 's/\\"/"/g; s/\\t/ /g'
}

# disturbance: on one line, why the connector does not run; nothing if it does.
disturbance() {
  status=$(get "/connectors/$CONNECTOR/status")
  case $status in
    '') echo "the worker does not answer" ;;
    *'"error_code":404'*)
      echo "the connector is not registered. Register it:" \
        "npm run kubectl -- delete job --namespace nx-search $CONNECTOR-init && npm run pulumi -- up --refresh"
      ;;
    *'"state":"FAILED"'*) printf 'the connector failed: %s\n' "$(exception "$status")" ;;
    *'"connector":{"state":"PAUSED"'* | *'"connector":{"state":"STOPPED"'*)
      echo "the connector was paused or stopped. Resume it:" \
        "npm run connect -- debezium -- PUT /connectors/$CONNECTOR/resume"
      ;;
  esac
}

# The last exception in the log, or the last error without one.
logged() {
  sed -n -e 's/^Caused by: //p' -e '/^[a-z][A-Za-z0-9.$]*: /p' -e '/ ERROR /p' "$problems" 2>/dev/null | tail -n 1
}

# report REASON: on one line, since when nothing got through, why, and how often the connector was restarted.
report() {
  seconds=$(silence)
  reason=${1:-$(logged)}
  read -r count next 2>/dev/null <"$restarts" || count=0
  [ "$count" = 0 ] || again="; restarted $count times, again in $((next > $(date +%s) ? next - $(date +%s) : 0)) s"
  printf '%s%s; no change got through for %s s\n' \
    "${reason:-the connector runs, and its log has no error}" "${again:-}" "$seconds" | sed 's/^\(.\{800\}\).*/\1.../'
}
