#!/bin/sh
# Liveness: the worker answers. Also restarts a failed connector or task: a failed task does not restart automatically,
# and a new worker would find it still failed.
set -eu
curl --silent --fail --max-time 5 --output /dev/null "$WORKER/"
case $(curl --silent --max-time 5 "$WORKER/connectors/$CONNECTOR/status") in
  *'"state":"FAILED"'*)
    curl --silent --max-time 5 --output /dev/null --request POST \
      "$WORKER/connectors/$CONNECTOR/restart?includeTasks=true&onlyFailed=true" || true
    ;;
esac
