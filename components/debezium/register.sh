#!/bin/sh
# Sends the connector's declared configuration to the worker, and waits until the connector runs. If the database moved to
# other servers, the connector starts over.
set -eu

# ask METHOD PATH [CURL-OPTION...]: prints the response body, then the HTTP status on its own line; 000 if there is no
# response.
ask() {
  method=$1 path=$2
  shift 2
  curl --silent --max-time 30 --request "$method" --write-out '\n%{http_code}\n' "$@" "$WORKER$path" || true
}

until [ "$(ask GET / | tail -n 1)" = 200 ]; do
  echo "waiting for the worker at $WORKER" >&2
  sleep 2
done

# Prints the name of the database's log in a configuration.
log() {
  sed -n 's/.*"bana\.log": *"\([^"]*\)".*/\1/p'
}

while :; do
  registered=$(ask GET "/connectors/$CONNECTOR/config")
  case $(printf '%s\n' "$registered" | tail -n 1) in
    200 | 404) break ;;
    *) sleep 2 ;;
  esac
done
before=$(printf '%s\n' "$registered" | log)
after=$(log <"$CONFIGURATION")
# The connector's offset is a position in the former log. It would skip all changes before the same position in the other
# log, and keep its connections to the former servers. Without offset it starts over, with a snapshot.
if [ -n "$before" ] && [ "$before" != "$after" ]; then
  echo "the database moved from $before to $after: the connector starts over"
  # Refused until the connector and its task have stopped.
  until [ "$(ask DELETE "/connectors/$CONNECTOR/offsets" | tail -n 1)" = 200 ]; do
    ask PUT "/connectors/$CONNECTOR/stop" >/dev/null
    sleep 2
  done
fi

while :; do
  answer=$(ask PUT "/connectors/$CONNECTOR/config" --header 'Content-Type: application/json' --data "@$CONFIGURATION")
  case $(printf '%s\n' "$answer" | tail -n 1) in
    200 | 201) break ;;
    # The worker is starting, or is unreachable for a moment.
    409 | 500 | 503 | 000) sleep 2 ;;
    *)
      echo "ERROR: the worker refuses the configuration of $CONNECTOR: $answer" >&2
      exit 1
      ;;
  esac
done

# A failure may be from the previous configuration: the connector gets some restarts with the new one.
failures=0
while :; do
  status=$(ask GET "/connectors/$CONNECTOR/status")
  case $status in
    *'"connector":{"state":"RUNNING"'*'"tasks":[{"id":0,"state":"RUNNING"'*) break ;;
    *'"connector":{"state":"STOPPED"'*) ask PUT "/connectors/$CONNECTOR/resume" >/dev/null ;;
    *'"state":"FAILED"'*)
      failures=$((failures + 1))
      if [ "$failures" -ge 30 ]; then
        echo "ERROR: the connector $CONNECTOR does not run: $status" >&2
        exit 1
      fi
      ask POST "/connectors/$CONNECTOR/restart?includeTasks=true&onlyFailed=true" >/dev/null
      ;;
  esac
  sleep 2
done
echo "the connector $CONNECTOR runs"
