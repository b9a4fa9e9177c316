#!/bin/sh
# Sends the connector's declared configuration to the worker, and waits until the connector runs.
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
